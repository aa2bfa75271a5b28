import type { WorkKind } from './work';

/** One cell of the grid. */
export interface AccuracyCase {
  readonly name: string;
  readonly kind: WorkKind;
  /** CPU of one burst of a rule's work, milliseconds: of all rules alike, or drawn by rule from several. */
  readonly burstMillis: readonly number[];
  /** Share of one core that all rules together shall use; 1 is without any pause. */
  readonly load: number;
  readonly rules: number;
  /** Sampled seconds. */
  readonly seconds: number;
}

/** Hits a case shall bring, at the default of 10,101 microseconds. */
const HITS = 900;
const SECONDS_PER_HIT = 0.0101;

const BURSTS = [0.3, 1, 2, 5, 20];
const LOADS = [0.1, 0.3, 0.7];

function defineCase(
  kind: WorkKind,
  burstMillis: readonly number[],
  load: number,
  rules: number,
): AccuracyCase {
  const burst = burstMillis.length === 1 ? `${burstMillis[0]} ms` : `${burstMillis.join('/')} ms`;
  return {
    name: `${kind}, ${burst}, ${load * 100} %, ${rules} rules`,
    kind,
    burstMillis,
    load,
    rules,
    seconds: Math.round((HITS * SECONDS_PER_HIT) / load),
  };
}

/** The grid: bursts x loads in full for plain work, and around its middle everything else one at a time. */
export const CASES: readonly AccuracyCase[] = [
  ...LOADS.flatMap((load) => BURSTS.map((burst) => defineCase('sync', [burst], load, 10))),
  defineCase('sync', [2], 1, 2),
  defineCase('sync', [2], 1, 10),
  defineCase('sync', [0.3], 1, 100),
  defineCase('sync', [2], 0.3, 2),
  defineCase('sync', [2], 0.3, 100),
  defineCase('sync', [5], 0.7, 100),
  defineCase('sync', [0.3, 2, 20], 0.3, 9),
  defineCase('sync', [0.3, 2, 20], 0.7, 9),
  defineCase('sync', [11], 0.3, 10),
  defineCase('awaits', [2], 0.3, 10),
  defineCase('awaits', [5], 1, 10),
  defineCase('timers', [2], 0.3, 10),
  defineCase('alloc', [2], 0.3, 10),
  defineCase('alloc', [5], 1, 10),
  defineCase('blocking', [5], 0.3, 4),
  defineCase('http', [1], 0.3, 10),
  defineCase('http', [1], 0.7, 10),
];
