import { sum } from '../statistics';
import type { DriverName } from './drivers';
import type { RunResult, WindowResult } from './results';
import { burstMillisOf } from './rules';

/** Drivers whose rules are scored together. `special` is an exception: each driver by itself. */
export type Family = 'timers' | 'chains' | 'messages' | 'nested' | 'natives' | 'special';

export const BOUNDED_FAMILIES: readonly Family[] = [
  'timers',
  'chains',
  'messages',
  'nested',
  'natives',
];

/** Rules that are scored together, by burst length. */
export type BurstClass = 'short' | 'middle' | 'long' | 'longest';

/** The longest burst of each class, in milliseconds. */
const LONGEST_BURST: Readonly<Record<BurstClass, number>> = {
  short: 0.5,
  middle: 1.5,
  long: 6,
  longest: 20,
};

export const BURST_CLASSES = Object.keys(LONGEST_BURST) as BurstClass[];

const FAMILY_OF: Readonly<Record<DriverName, Family>> = {
  interval: 'timers',
  'interval-in-phase': 'timers',
  timeout: 'timers',
  immediate: 'chains',
  microtask: 'chains',
  'worker-messages': 'messages',
  requests: 'messages',
  stream: 'messages',
  nested: 'nested',
  natives: 'natives',
  garbage: 'special',
  blocking: 'special',
};

export function familyOf(driver: DriverName): Family {
  return FAMILY_OF[driver];
}

function burstClassOf(ruleId: string): BurstClass {
  const millis = burstMillisOf(ruleId);
  return BURST_CLASSES.find((name) => millis <= LONGEST_BURST[name]) ?? 'longest';
}

/** The error of the sum of some figures. */
interface Bias {
  /** (sum of the figures - sum of the truth) / sum of the truth. */
  readonly bias: number;
  /** One standard error of `bias`. NaN if it is unknown. */
  readonly biasError: number;
}

/** How accurate the figures of a class of rules are. */
export interface ClassScore extends Bias {
  /** Number of figures: one per window and rule. */
  readonly figures: number;
  readonly hits: number;
  readonly truthSeconds: number;
  /** Share of the figures whose 95 % interval contains the truth. */
  readonly coverage: number;
  /**
   * Mean |figure - truth| / limit. The limit follows from the number of expected hits: truth /
   * sqrt(hits). A perfect estimator scores 0.8, not 1: the mean |error| of a normal distribution is
   * sqrt(2 / pi) = 0.8 of its standard deviation.
   */
  readonly ratio: number;
  /** Share of the windows in which the thread had to wait for a processor. */
  readonly contendedShare: number;
  /** The cell with the largest |bias|, with the standard error by its windows. */
  readonly worst: Bias & { readonly cell: string };
}

/** The sampling interval of rulescope and dd-trace. */
const SECONDS_PER_HIT = 0.010101;
/** Half the width of the 95 % interval of a normal distribution, in standard errors. */
const INTERVAL_95 = 1.96;

/**
 * Scores the figures of the rules of `burstClass`. Returns `undefined` without such figures.
 *
 * The standard error of the bias is the larger of two (see {@link biasOf} for the formula):
 *
 * - by windows. This assumes that windows are independent and have the same bias. The rules of a
 *   window divide its CPU, so their errors depend on each other, and the window is the smallest
 *   batch.
 * - by cells. This assumes that each cell has its own bias. Otherwise, cells with opposite biases
 *   would look like a class with a bias of exactly zero.
 */
export function scoreClass(
  runs: readonly Pick<RunResult, 'cell' | 'windows'>[],
  burstClass: BurstClass,
): ClassScore | undefined {
  const cells = runs
    .map(({ cell, windows }) => ({ cell, windows: judgeWindows(windows, burstClass) }))
    .filter(({ windows }) => windows.length > 0);
  const [worst] = cells
    .map(({ cell, windows }) => ({ cell, ...biasOf(windows) }))
    .sort((a, b) => Math.abs(b.bias) - Math.abs(a.bias));
  if (worst === undefined) return undefined;
  const windows = cells.flatMap((cell) => cell.windows);
  const { bias, biasError } = biasOf(windows);
  const betweenCells = biasOf(cells.map((cell) => total(cell.windows))).biasError;
  const figures = windows.flatMap((window) => window.figures);
  const limit = sum(figures.map(({ truth }) => truth / Math.sqrt(truth / SECONDS_PER_HIT)));
  return {
    bias,
    biasError: cells.length > 1 ? Math.max(biasError, betweenCells) : biasError,
    figures: figures.length,
    hits: sum(figures.map(({ hits }) => hits)),
    truthSeconds: total(windows).truth,
    coverage: shareOf(figures, ({ covered }) => covered),
    ratio: sum(figures.map(({ error }) => Math.abs(error))) / limit,
    contendedShare: shareOf(windows, ({ contended }) => contended),
    worst,
  };
}

/** True CPU and the error of its figures, in seconds. */
interface Judged {
  readonly truth: number;
  readonly error: number;
}

/** One rule in one window. */
interface JudgedFigure extends Judged {
  readonly hits: number;
  readonly covered: boolean;
}

/** The rules of a class in one window. */
interface JudgedWindow extends Judged {
  readonly figures: readonly JudgedFigure[];
  readonly contended: boolean;
}

/**
 * Returns the bias of all `batches` and its standard error. The formula is that of a ratio of sums
 * over `n` independent batches: sqrt(n / (n - 1) * sum of (error - bias * truth)²) / sum of truth.
 */
function biasOf(batches: readonly Judged[]): Bias {
  const { truth, error } = total(batches);
  const bias = error / truth;
  const squares = sum(batches.map((batch) => (batch.error - bias * batch.truth) ** 2));
  const n = batches.length;
  return { bias, biasError: Math.sqrt((n / (n - 1)) * squares) / truth };
}

function total(parts: readonly Judged[]): Judged {
  return { truth: sum(parts.map(({ truth }) => truth)), error: sum(parts.map((p) => p.error)) };
}

function shareOf<T>(values: readonly T[], isSo: (value: T) => boolean): number {
  return values.filter(isSo).length / values.length;
}

/** Judges the rules of `burstClass`. Leaves out windows without such rules. */
function judgeWindows(windows: readonly WindowResult[], burstClass: BurstClass): JudgedWindow[] {
  return windows.flatMap((window) => {
    const figures = judgeFigures(window, burstClass);
    const contended = window.details?.contended === true;
    return figures.length > 0 ? [{ ...total(figures), figures, contended }] : [];
  });
}

function judgeFigures({ truth, figures }: WindowResult, burstClass: BurstClass): JudgedFigure[] {
  return Object.entries(truth)
    .filter(([rule]) => burstClassOf(rule) === burstClass)
    .map(([rule, seconds]) => {
      const { cpuSeconds = 0, hits = 0, standardErrorSeconds = 0 } = figures[rule] ?? {};
      const error = cpuSeconds - seconds;
      const covered = Math.abs(error) <= INTERVAL_95 * standardErrorSeconds;
      return { truth: seconds, error, hits, covered };
    });
}
