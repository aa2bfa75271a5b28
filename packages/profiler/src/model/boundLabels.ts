import { boundedString, isBounded } from '../base/boundedString';
import type { LabelSet } from './LabelSet';

/**
 * Returns `labels` with its long keys and values shortened: see {@link boundedString}. What receives
 * a window keeps, sends and prints short strings only. Keeps symbols: other code may have set them.
 * Returns `labels` itself if nothing is long. Pure.
 */
export function boundLabels(labels: LabelSet): LabelSet {
  if (Object.entries(labels).every((entry) => entry.every(isBounded))) return labels;
  return Object.fromEntries(
    Reflect.ownKeys(labels).map((key) => [
      bound(key) as string,
      bound((labels as Record<string | symbol, unknown>)[key]),
    ]),
  ) as LabelSet;
}

function bound(value: unknown): unknown {
  return typeof value === 'string' ? boundedString(value) : value;
}
