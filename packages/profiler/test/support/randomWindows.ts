import fc from 'fast-check';
import { closeWindow } from '../../src/collector/closeWindow';
import type { CallNode, SampleRecord } from '../../src/model/CallNode';
import type { LabelSet } from '../../src/model/LabelSet';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { readingAt, recording } from './builders';

interface SampleSpec {
  /** Functions, the outermost first, or one of V8's own nodes. Empty: the root of the tree. */
  readonly path: readonly string[];
  readonly labels: LabelSet | undefined;
  readonly elapsedMicros: number;
  readonly cpuMicros: number | undefined;
}

interface WindowSpec {
  readonly samples: readonly SampleSpec[];
  readonly samplingIntervalMicros: number;
  readonly outcome: 'complete' | 'overflow' | 'failed';
  readonly cpuShare: number;
  readonly timeslices: number | undefined;
}

interface MutableNode extends CallNode {
  hitCount: number;
  readonly contexts: SampleRecord[];
  readonly children: MutableNode[];
}

const FUNCTIONS = ['a', 'b', 'b:2', 'c'];
const LABELS: (LabelSet | undefined)[] = [
  undefined,
  {},
  { rule: 'x' },
  { rule: 'y', tenant: 't' },
  { tenant: 't', rule: 'y' },
  { thread: 'own' },
];

const sampleSpecs: fc.Arbitrary<SampleSpec> = fc.record({
  path: fc.oneof(
    { weight: 6, arbitrary: fc.array(fc.constantFrom(...FUNCTIONS), { maxLength: 4 }) },
    { weight: 2, arbitrary: fc.constantFrom(['(idle)'], ['(program)'], ['(garbage collector)']) },
  ),
  // Each sample has a label set of its own, or shares it.
  labels: fc
    .constantFrom(...LABELS, { rule: 'z' })
    .map((set) => (set?.['rule'] === 'z' ? { ...set } : set)),
  elapsedMicros: fc.integer({ min: 1, max: 60_000 }),
  // Often so little that the thread was blocked.
  cpuMicros: fc.option(fc.oneof(fc.constant(1), fc.nat(20_000)), { nil: undefined }),
});

const windowSpecs: fc.Arbitrary<WindowSpec> = fc.record({
  samples: fc.array(sampleSpecs, { maxLength: 30 }),
  samplingIntervalMicros: fc.constantFrom(10_000, 10_000, 1_000),
  outcome: fc.constantFrom('complete', 'complete', 'complete', 'overflow', 'failed'),
  cpuShare: fc.double({ min: 0, max: 1, noNaN: true }),
  timeslices: fc.option(fc.nat(200), { nil: undefined }),
});

/** Generates consecutive windows of one thread, at least one. */
export function consecutiveWindows(): fc.Arbitrary<ProfileWindow[]> {
  return fc
    .tuple(fc.constantFrom(0, 3), fc.array(windowSpecs, { minLength: 1, maxLength: 6 }))
    .map(([threadId, specs]) => {
      let millis = 0;
      let cpuSeconds = 0;
      let timeslices = 0;
      return specs.map((spec, index) => {
        const start = reading(millis, cpuSeconds, timeslices, spec);
        const lengthMillis =
          1 + spec.samples.reduce((sum, each) => sum + each.elapsedMicros, 0) / 1000;
        const outcome =
          spec.outcome === 'failed'
            ? new Error('no sampler')
            : recording({
                root: treeOf(spec.samples, start.epochMillis * 1000),
                overflowed: spec.outcome === 'overflow',
                samplesTaken: spec.samples.length,
              });
        millis += lengthMillis;
        cpuSeconds += (spec.cpuShare * lengthMillis) / 1000;
        timeslices += spec.timeslices ?? 0;
        return closeWindow({
          origin: { threadId, program: '/bin/program', comments: ['a test'] },
          sequence: index + 1,
          start,
          end: reading(millis, cpuSeconds, timeslices, spec),
          samplingIntervalMicros: spec.samplingIntervalMicros,
          pauseSeconds: 0.001,
          outcome,
        });
      });
    });
}

function reading(millis: number, cpuSeconds: number, timeslices: number, spec: WindowSpec) {
  const known = spec.timeslices === undefined ? {} : { timeslices };
  return { ...readingAt(millis, cpuSeconds * 1.5), thread: { cpuSeconds, ...known } };
}

function treeOf(samples: readonly SampleSpec[], startMicros: number): CallNode {
  const root = nodeOf('(root)');
  let timestamp = startMicros;
  for (const { path, labels, elapsedMicros, cpuMicros } of samples) {
    let node = root;
    for (const name of path) {
      let child = node.children.find((each) => nameOf(each) === name);
      if (child === undefined) node.children.push((child = nodeOf(name)));
      node = child;
    }
    timestamp += elapsedMicros;
    node.hitCount++;
    node.contexts.push({
      timestamp,
      ...(labels !== undefined && { context: { labels } }),
      ...(cpuMicros !== undefined && { cpuTime: cpuMicros * 1000 }),
    });
  }
  return root;
}

function nodeOf(text: string): MutableNode {
  const [name = '', line = '1'] = text.split(':');
  const isOwn = name.startsWith('(');
  const place = isOwn ? {} : { scriptId: 7, lineNumber: Number(line), columnNumber: 5 };
  const scriptName = isOwn ? '' : '/app.js';
  return { name, scriptName, ...place, hitCount: 0, contexts: [], children: [] };
}

function nameOf({ name = '', lineNumber = 1 }: CallNode): string {
  return lineNumber === 1 ? name : `${name}:${lineNumber}`;
}

/** A sample of a call tree with the names of its functions, the outermost first. */
export interface FlatSample {
  readonly path: readonly string[];
  readonly record: SampleRecord;
}

/** Returns all samples of a tree. */
export function samplesIn(node: CallNode, path: readonly string[] = []): FlatSample[] {
  return [
    ...(node.contexts ?? []).map((record) => ({ path, record })),
    ...node.children.flatMap((child) => samplesIn(child, [...path, nameOf(child)])),
  ];
}
