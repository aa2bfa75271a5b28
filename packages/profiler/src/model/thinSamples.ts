import type { CallNode, SampleRecord } from './CallNode';

interface ThinNode extends CallNode {
  hitCount: number;
  readonly contexts: SampleRecord[];
  readonly children: ThinNode[];
}

/**
 * Returns the tree under `root` as a sampler with `intervalMicros` between two samples would have
 * recorded it. A reader needs this if another reader of the same sampler wanted more samples. Pure.
 *
 * Samples that are already that far apart are all kept, so finely sampled time does not weigh more
 * than other time. The CPU time of an omitted sample is added to the next sample. Functions without
 * samples and hits without a record are omitted.
 */
export function thinSamples(root: CallNode, intervalMicros: number): CallNode {
  const kept = new Map<CallNode, SampleRecord[]>();
  let credit = 0;
  let previous: number | undefined;
  let cpuTime = 0;
  for (const { node, record } of inOrderOfTime(root)) {
    const elapsed = previous === undefined ? intervalMicros : record.timestamp - previous;
    previous = record.timestamp;
    credit += elapsed;
    cpuTime += record.cpuTime ?? 0;
    // A sample that is half a fine interval early is as close to the due time as one that is half a
    // fine interval late.
    if (credit < intervalMicros - Math.min(elapsed, intervalMicros) / 2) continue;
    // A sampler that was held up does not take the missed samples later.
    credit = Math.min(credit - intervalMicros, intervalMicros / 2);
    const records = kept.get(node) ?? [];
    if (records.length === 0) kept.set(node, records);
    if (record.cpuTime === undefined) {
      records.push(record);
    } else {
      records.push({ ...record, cpuTime });
      cpuTime = 0;
    }
  }
  return copyKept(root, kept) ?? { ...root, hitCount: 0, contexts: [], children: [] };
}

function inOrderOfTime(root: CallNode): { node: CallNode; record: SampleRecord }[] {
  const records: { node: CallNode; record: SampleRecord }[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const record of node.contexts ?? []) records.push({ node, record });
    for (const child of node.children) pending.push(child);
  }
  return records.sort((a, b) => a.record.timestamp - b.record.timestamp);
}

function copyKept(
  node: CallNode,
  kept: ReadonlyMap<CallNode, SampleRecord[]>,
): ThinNode | undefined {
  const children = node.children.flatMap((child) => copyKept(child, kept) ?? []);
  const contexts = kept.get(node) ?? [];
  if (contexts.length === 0 && children.length === 0) return undefined;
  return { ...node, hitCount: contexts.length, contexts, children };
}
