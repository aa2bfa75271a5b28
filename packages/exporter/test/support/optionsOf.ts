import { SeriesLabels } from '../../src/SeriesLabels';
import type { SeriesLimits, SeriesOptions } from '../../src/options';

/** Returns options with `limits`, and with a series for each rule unless there are `labels`. */
export function optionsOf(
  limits: SeriesLimits,
  labels = new SeriesLabels(),
): Pick<SeriesOptions, 'limits' | 'labels'> {
  return { limits, labels };
}
