import { BURST_CLASSES, scoreClass } from '../classes';
import type { RunResult } from '../results';
import { signedPercent } from './markdown';

/**
 * The biases of short, middle and long rules, as far as there are such: `+1.2 % / -0.5 % / +2.0 %`.
 */
export function formatBiases(run: RunResult | undefined): string {
  if (run === undefined) return '';
  return BURST_CLASSES.flatMap((burstClass) => scoreClass([run], burstClass) ?? [])
    .map(({ bias }) => signedPercent(bias))
    .join(' / ');
}
