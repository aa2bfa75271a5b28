import { familyOf } from './classes';
import type { DriverName } from './drivers';

/** Processors of the measured process: two, one, or one that it shares with a busy process. */
type Placement = 'two' | 'one' | 'shared';

/** A cell: one combination of driver, bursts, load, placement and version of Node.js. */
export interface AccuracyCell {
  readonly name: string;
  readonly driver: DriverName;
  /** Burst lengths in milliseconds of CPU. Each has three rules. All rules use equal CPU. */
  readonly burstsMillis: readonly number[];
  /** Share of one processor that all rules together use. 1 means no pauses. */
  readonly load: number;
  readonly placement: Placement;
  readonly node: string;
  /** Whether unfair sampling and the other profilers run this cell too. */
  readonly headline: boolean;
  /** Length of a window. Higher loads use half the profiler's default, for twice the figures. */
  readonly windowSeconds: number;
  /** Seconds of fair sampling to measure, at `--seconds-scale 1`. */
  readonly seconds: number;
}

const A = [0.2, 1, 5];
const B = [0.3, 1.5, 6];
const C = [0.5, 20];

type Row = readonly [DriverName, readonly number[], number, Placement, number];

/**
 * Rows for all versions of Node.js. They also run with unfair sampling and, on the main version,
 * with the peers.
 */
const HEADLINES: readonly Row[] = [
  ['interval', B, 0.3, 'two', 45],
  ['timeout', B, 0.1, 'two', 50],
  ['timeout', A, 0.3, 'one', 50],
  ['nested', B, 0.3, 'two', 50],
  ['requests', B, 0.3, 'two', 45],
];

/**
 * Together with the headlines, a pairwise design: any two of driver, bursts, load and placement
 * (two, one) meet in a row. Only drivers that can saturate a thread have a load of 100 %. The
 * seconds give each class of rules 500 figures, see `classes.ts`.
 */
const PAIRWISE: readonly Row[] = [
  ['interval', A, 0.1, 'one', 60],
  ['interval', C, 0.7, 'two', 140],
  // The periods of the next two rows go down to 1 ms, the shortest timer, and up to 1.2 s.
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

/** Rows that share their only processor with a busy process. No bounds apply. */
const SHARED: readonly Row[] = [
  ['interval', A, 0.1, 'shared', 45],
  ['timeout', B, 0.3, 'shared', 45],
  ['immediate', C, 0.7, 'shared', 45],
  ['requests', A, 0.3, 'shared', 45],
  ['nested', C, 0.3, 'shared', 45],
];

/**
 * Rows with garbage collection or blocked calls, which the estimator must separate from the CPU of
 * rules. No bounds apply. A blocked call stops all bursts, so `blocking` has few bursts per second.
 */
const SPECIAL: readonly Row[] = [
  ['garbage', B, 0.3, 'two', 90],
  ['blocking', [5, 20], 0.1, 'two', 90],
];

/** All rows run on this version of Node.js. */
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

/** Returns whether the bounds of `report/printClasses.ts` apply to the fair figures of `cell`. */
export function isBounded({ driver, placement }: AccuracyCell): boolean {
  return placement !== 'shared' && familyOf(driver) !== 'special';
}
