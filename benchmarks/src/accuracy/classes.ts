import { sum } from '../statistics';
import type { DriverName } from './drivers';
import type { WindowResult } from './results';
import { burstMillisOf } from './rules';

/** Drivers whose rules are judged together. */
export type Family = 'timers' | 'chains' | 'messages' | 'nested' | 'natives';

export const FAMILIES: readonly Family[] = ['timers', 'chains', 'messages', 'nested', 'natives'];

/** Rules whose bursts are judged together, by length. */
export type BurstClass = 'short' | 'middle' | 'long' | 'longest';

/** The burst classes with the longest burst of each, milliseconds. */
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
};

export function familyOf(driver: DriverName): Family {
  return FAMILY_OF[driver];
}

function burstClassOf(ruleId: string): BurstClass {
  const millis = burstMillisOf(ruleId);
  return BURST_CLASSES.find((name) => millis <= LONGEST_BURST[name]) ?? 'longest';
}

/** How good the figures of a class of rules are. */
export interface ClassScore {
  /** Pairs of window and rule. */
  readonly figures: number;
  readonly hits: number;
  readonly truthSeconds: number;
  /** (sum of the figures - sum of the truth) / sum of the truth. */
  readonly bias: number;
  /** One standard error of `bias`. */
  readonly biasError: number;
  /** Share of the figures whose 95 % interval contains the truth. */
  readonly coverage: number;
  /** Mean |figure - truth| / what the number of expected hits allows, truth / sqrt(hits). */
  readonly ratio: number;
}

/** rulescope's and dd-trace's. */
const SECONDS_PER_HIT = 0.010101;
/** Of a normal distribution. */
const INTERVAL_95 = 1.96;

/** Scores the figures of the rules of `burstClass` in `windows`. `undefined` if there are none. */
export function scoreClass(
  windows: readonly WindowResult[],
  burstClass: BurstClass,
): ClassScore | undefined {
  const batches = windows.map((window) => figuresOf(window, burstClass));
  const all = batches.flat();
  const truthSeconds = sum(all.map(({ truth }) => truth));
  if (truthSeconds === 0) return undefined;
  const bias = sum(all.map(({ error }) => error)) / truthSeconds;
  // The rules of a window divide its CPU, so their errors depend on each other: windows are batches.
  const residuals = batches.map((batch) =>
    sum(batch.map(({ error, truth }) => error - bias * truth)),
  );
  const limit = sum(all.map(({ truth }) => truth / Math.sqrt(truth / SECONDS_PER_HIT)));
  return {
    figures: all.length,
    hits: sum(all.map(({ hits }) => hits)),
    truthSeconds,
    bias,
    biasError: Math.sqrt(sum(residuals.map((each) => each ** 2))) / truthSeconds,
    coverage: all.filter(({ covered }) => covered).length / all.length,
    ratio: sum(all.map(({ error }) => Math.abs(error))) / limit,
  };
}

interface JudgedFigure {
  readonly truth: number;
  readonly error: number;
  readonly hits: number;
  readonly covered: boolean;
}

function figuresOf({ truth, figures }: WindowResult, burstClass: BurstClass): JudgedFigure[] {
  return Object.entries(truth)
    .filter(([rule]) => burstClassOf(rule) === burstClass)
    .map(([rule, seconds]) => {
      const { cpuSeconds = 0, hits = 0, standardErrorSeconds = 0 } = figures[rule] ?? {};
      const error = cpuSeconds - seconds;
      const covered = Math.abs(error) <= INTERVAL_95 * standardErrorSeconds;
      return { truth: seconds, error, hits, covered };
    });
}
