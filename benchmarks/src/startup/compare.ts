import { median } from '../statistics';
import type { StartupResult } from './programs';

/** What `require('rulescope')` may cost at most. */
export const BOUNDS = { cpuRatio: 1.05, ownModules: 70 };

/** How the CPU of some processes compares with that of others. */
export interface Comparison {
  readonly medianMillis: number;
  /** Median / median of the base. */
  readonly ratioOfMedians: number;
  /** Median of the ratios round by round. */
  readonly pairedRatio: number;
  /** The interval that holds the true median of these ratios with 95 %. */
  readonly pairedInterval: readonly [low: number, high: number];
}

/** Compares two lists of CPU times. Items at the same index ran one after the other. */
export function compareCpu(base: readonly number[], other: readonly number[]): Comparison {
  const ratios = other.map((millis, round) => millis / (base[round] ?? NaN));
  return {
    medianMillis: median(other),
    ratioOfMedians: median(other) / median(base),
    pairedRatio: median(ratios),
    pairedInterval: medianInterval(ratios),
  };
}

/**
 * Returns two of the values. Between them lies the median of what the values are drawn from, in at
 * least 95 % of all draws, whatever the distribution is. NaN of fewer than six values, which cannot
 * say so much.
 */
export function medianInterval(values: readonly number[]): [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  // Each value lies below the true median with a chance of one half, so the number of values below
  // it is binomial. `tail`: the chance that at most `below` of them are.
  let probability = 2 ** -sorted.length;
  let tail = probability;
  let below = 0;
  while (tail <= 0.025) {
    probability *= (sorted.length - below) / (below + 1);
    below++;
    tail += probability;
  }
  return below === 0
    ? [NaN, NaN]
    : [sorted[below - 1] ?? NaN, sorted[sorted.length - below] ?? NaN];
}

/** Returns a line for each bound that `require('rulescope')` misses. */
export function findMisses(
  cpu: Pick<Comparison, 'ratioOfMedians'>,
  loaded: Pick<StartupResult, 'ownModules' | 'natives'>,
): string[] {
  const misses: string[] = [];
  if (!(cpu.ratioOfMedians <= BOUNDS.cpuRatio)) {
    misses.push(`CPU is ${cpu.ratioOfMedians.toFixed(4)} x of the SDK; at most ${BOUNDS.cpuRatio}`);
  }
  if (!(loaded.ownModules <= BOUNDS.ownModules)) {
    misses.push(`${loaded.ownModules} modules of ours are loaded; at most ${BOUNDS.ownModules}`);
  }
  if (loaded.natives.length > 0) {
    misses.push(`native code is loaded: ${loaded.natives.join(', ')}`);
  }
  return misses;
}
