import { familyOf } from './classes';
import type { DriverName } from './drivers';

/** Processors of the measured process: two, one, or one that a busy process shares with it. */
type Placement = 'two' | 'one' | 'shared';

/** One cell of the design. */
export interface AccuracyCell {
  readonly name: string;
  readonly driver: DriverName;
  /** Burst lengths, milliseconds of CPU. Each has three rules; all rules use equal CPU. */
  readonly burstsMillis: readonly number[];
  /** Share of one processor that all rules together use; 1 is without any pause. */
  readonly load: number;
  readonly placement: Placement;
  readonly node: string;
  /** Whether other profilers and unfair sampling run beside it. */
  readonly headline: boolean;
  /** Length of a window. At higher loads half the profiler's default, for twice as many figures. */
  readonly windowSeconds: number;
  /** Measured seconds of fair sampling, at scale 1. */
  readonly seconds: number;
}

const A = [0.2, 1, 5];
const B = [0.3, 1.5, 6];
const C = [0.5, 20];

type Row = readonly [DriverName, readonly number[], number, Placement, number];

/**
 * The rows that run on all versions of Node.js, with unfair sampling and the peers beside them.
 */
const HEADLINES: readonly Row[] = [
  ['interval', B, 0.3, 'two', 45],
  ['timeout', B, 0.1, 'two', 50],
  ['timeout', A, 0.3, 'one', 50],
  ['nested', B, 0.3, 'two', 50],
  ['requests', B, 0.3, 'two', 45],
];

/**
 * With the headlines a pairwise design: any two of driver, bursts, load and placement (two, one)
 * meet in a row. 100 % of load is for the drivers that can saturate. The seconds give each class of
 * rules 500 figures: see `classes.ts`.
 */
const PAIRWISE: readonly Row[] = [
  ['interval', A, 0.1, 'one', 60],
  ['interval', C, 0.7, 'two', 140],
  // Periods down to the shortest timer, 1 ms, and up to 1.2 s.
  ['interval', A, 0.7, 'one', 60],
  ['interval', C, 0.1, 'two', 100],
  ['interval-in-phase', A, 0.3, 'one', 60],
  ['interval-in-phase', B, 0.1, 'two', 60],
  ['interval-in-phase', C, 0.7, 'two', 140],
  ['timeout', C, 0.7, 'one', 140],
  ['immediate', A, 1, 'two', 70],
  ['immediate', A, 0.1, 'two', 70],
  ['immediate', B, 0.3, 'one', 100],
  ['immediate', C, 0.7, 'one', 220],
  ['microtask', A, 0.7, 'two', 70],
  ['microtask', B, 0.1, 'one', 140],
  ['microtask', B, 1, 'one', 80],
  ['microtask', C, 0.3, 'one', 220],
  ['worker-messages', A, 0.7, 'two', 50],
  ['worker-messages', B, 0.3, 'one', 80],
  ['worker-messages', C, 0.1, 'one', 140],
  ['requests', A, 0.1, 'one', 60],
  ['requests', C, 0.7, 'two', 180],
  ['stream', A, 0.1, 'two', 60],
  ['stream', B, 0.7, 'two', 50],
  ['stream', C, 0.3, 'one', 170],
  ['nested', A, 0.7, 'one', 240],
  ['nested', C, 0.1, 'one', 60],
  ['nested', C, 0.7, 'one', 420],
  ['natives', A, 0.1, 'two', 210],
  ['natives', B, 0.7, 'one', 340],
  ['natives', C, 0.3, 'one', 210],
  ['natives', C, 1, 'two', 210],
];

/** Rows with a busy neighbor on the only processor. Shown, not bounded. */
const SHARED: readonly Row[] = [
  ['interval', A, 0.1, 'shared', 45],
  ['timeout', B, 0.3, 'shared', 45],
  ['immediate', C, 0.7, 'shared', 45],
  ['requests', A, 0.3, 'shared', 45],
  ['nested', C, 0.3, 'shared', 45],
];

/**
 * Rows whose work the estimator has to tell from plain CPU: garbage collection and blocked calls.
 * Shown, not bounded. While a call is blocked no burst can run, so there can be few bursts a
 * second.
 */
const SPECIAL: readonly Row[] = [
  ['garbage', B, 0.3, 'two', 90],
  ['blocking', [5, 20], 0.1, 'two', 90],
];

/** The version on which all rows run. */
const MAIN_NODE = '24';
const OTHER_NODES = ['20', '22', '26'];

function defineCell(
  [driver, burstsMillis, load, placement, seconds]: Row,
  node: string,
  headline: boolean,
): AccuracyCell {
  const name = `${driver}, ${burstsMillis.join('/')} ms, ${load * 100} %, ${placement}, node ${node}`;
  const windowSeconds = load < 0.3 ? 5 : 2.5;
  return { name, driver, burstsMillis, load, placement, node, headline, windowSeconds, seconds };
}

export const CELLS: readonly AccuracyCell[] = [
  ...HEADLINES.map((row) => defineCell(row, MAIN_NODE, true)),
  ...PAIRWISE.map((row) => defineCell(row, MAIN_NODE, false)),
  ...SHARED.map((row) => defineCell(row, MAIN_NODE, false)),
  ...SPECIAL.map((row) => defineCell(row, MAIN_NODE, false)),
  ...OTHER_NODES.flatMap((node) => HEADLINES.map((row) => defineCell(row, node, true))),
];

/** Whether the bounds of issue 11 hold for the fair figures of `cell`. Other cells are shown. */
export function isBounded({ driver, placement }: AccuracyCell): boolean {
  return placement !== 'shared' && familyOf(driver) !== 'special';
}
