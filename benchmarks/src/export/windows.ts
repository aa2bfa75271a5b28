import type { CallNode, ProfileWindow } from '@rulescope/profiler';

/** Rules in a window. Each has at least one sample. */
export const MAX_RULES_PER_WINDOW = 10_000;
const SAMPLES = 10_000;
/** Functions that are called, at the end of stacks of eight. */
const FUNCTIONS = 500;
const DEPTH = 8;
const INTERVAL_MICROS = 500;

/** Returns the rules of the window with the number `sequence` of a process with `rules` live rules. */
export function rulesOf(sequence: number, rules: number): string[] {
  const count = Math.min(rules, MAX_RULES_PER_WINDOW);
  return Array.from({ length: count }, (_, i) => `rule-${(sequence * count + i) % rules}`);
}

/** Returns a window of five seconds with 10,000 samples, divided among its rules. */
export function windowWith(sequence: number, rules: readonly string[]): ProfileWindow {
  const labels = rules.map((rule) => ({ labels: { rule } }));
  const startTime = 1_700_000_000_000 + sequence * 5_000;
  const leaves = Array.from({ length: FUNCTIONS }, (_, leaf) => {
    const samples = SAMPLES / FUNCTIONS;
    const contexts = Array.from({ length: samples }, (__, i) => ({
      context: labels[(leaf * samples + i) % labels.length],
      timestamp: startTime * 1_000 + (i * FUNCTIONS + leaf) * INTERVAL_MICROS,
      cpuTime: INTERVAL_MICROS * 1_000,
    }));
    return stackOf(leaf, contexts);
  });
  const seconds = (SAMPLES * INTERVAL_MICROS) / 1e6;
  return {
    origin: { threadId: 0, program: '/bin/program', comments: [] },
    sequence,
    startTime,
    endTime: startTime + 5_000,
    endMonotonicMillis: (sequence + 1) * 5_000,
    durationMillis: 5_000,
    samplingIntervalMicros: INTERVAL_MICROS,
    cpu: { processSeconds: seconds, threadSeconds: seconds, otherThreadsSeconds: 0 },
    samples: { taken: SAMPLES, lost: 0 },
    complete: true,
    incompleteReason: undefined,
    error: undefined,
    fair: true,
    quality: 1,
    waitSeconds: 0,
    timeslices: 0,
    contended: false,
    pauseSeconds: 0.005,
    root: { ...V8_ROOT, children: leaves },
  };
}

const V8_ROOT = { name: '(root)', scriptName: '', hitCount: 0, contexts: [] };

function stackOf(leaf: number, contexts: NonNullable<CallNode['contexts']>): CallNode {
  const place = (depth: number) => ({
    name: `f${leaf}_${depth}`,
    scriptName: `file:///app/module${leaf % 50}.js`,
    lineNumber: 10 * leaf + depth,
    columnNumber: 3,
  });
  let node: CallNode = { ...place(0), hitCount: contexts.length, contexts, children: [] };
  for (let depth = 1; depth < DEPTH; depth++) {
    node = { ...place(depth), hitCount: 0, contexts: [], children: [node] };
  }
  return node;
}
