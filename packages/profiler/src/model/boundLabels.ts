import { boundedString, isBounded } from '../base/boundedString';
import type { CallNode, SampleRecord } from './CallNode';
import type { LabelSet } from './LabelSet';

/**
 * Shortens all long label keys and values in the tree under `root`: see {@link boundedString}. What
 * receives the tree keeps, sends and prints short strings only. Changes the tree in place, because
 * a copy would take long.
 */
export function boundLabels(root: CallNode): CallNode {
  const shorten = labelShortener();
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const record of node.contexts ?? []) {
      const labels = record.context?.labels;
      const short = labels && shorten(labels);
      if (short !== labels) {
        (record as { context: SampleRecord['context'] }).context = { labels: short };
      }
    }
    for (const child of node.children) pending.push(child);
  }
  return root;
}

/** Returns a function that shortens label sets. It handles each set and each string once. */
function labelShortener(): (labels: LabelSet) => LabelSet {
  const sets = new Map<LabelSet, LabelSet>();
  const strings = new Map<string, string>();
  const bound = <T>(value: T): T | string => {
    if (typeof value !== 'string' || isBounded(value)) return value;
    let short = strings.get(value);
    if (short === undefined) strings.set(value, (short = boundedString(value)));
    return short;
  };
  return (labels) => {
    let short = sets.get(labels);
    if (short === undefined) {
      sets.set(labels, (short = isShort(labels) ? labels : mapEntries(labels, bound)));
    }
    return short;
  };
}

function isShort(labels: LabelSet): boolean {
  return Object.entries(labels).every((entry) => entry.every(isBounded));
}

/** Keeps symbols: other code may have set them. */
function mapEntries(labels: LabelSet, map: (value: unknown) => unknown): LabelSet {
  return Object.fromEntries(
    Reflect.ownKeys(labels).map((key) => [
      map(key) as string,
      map((labels as Record<string | symbol, unknown>)[key]),
    ]),
  ) as LabelSet;
}
