import { BURST_CLASSES, scoreClass } from '../classes';
import type { RunResult } from '../results';
import { signedPercent } from './markdown';

/**
 * Formats the biases of the burst classes of a run, the shortest first:
 * `+1.2 % / -0.5 % / +2.0 %`. Returns an empty string without a run.
 */
export function formatBiases(run: RunResult | undefined): string {
  if (run === undefined) return '';
  return BURST_CLASSES.flatMap((burstClass) => scoreClass([run], burstClass) ?? [])
    .map(({ bias }) => signedPercent(bias))
    .join(' / ');
}
