import { BURST_CLASSES, scoreClass } from '../classes';
import type { WindowResult } from '../results';
import { signedPercent } from './markdown';

/** The biases of short, middle and long rules, as far as there are such: `+1.2 % / -0.5 % / +2.0 %`. */
export function formatBiases(windows: readonly WindowResult[] | undefined): string {
  if (windows === undefined) return '';
  return BURST_CLASSES.flatMap((burstClass) => scoreClass(windows, burstClass) ?? [])
    .map(({ bias }) => signedPercent(bias))
    .join(' / ');
}
