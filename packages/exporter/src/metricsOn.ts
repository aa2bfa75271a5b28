import type { MeterProvider } from '@opentelemetry/api';
import type { ProfileCollector } from '@rulescope/profiler';
import { perThread, slotKey } from '@rulescope/profiler/internal';
import { ProviderMetrics } from './ProviderMetrics';
import type { SeriesOptions } from './options';

/**
 * Raise the version when the methods that another copy calls on {@link ProviderMetrics} change.
 */
const METRICS = slotKey<WeakMap<MeterProvider, ProviderMetrics>>('providerMetrics', 2);

/**
 * Returns the metrics of this thread on `provider`; the first call creates them. All users share
 * them: two sets of figures in one meter would be one wrong set.
 */
export function metricsOn(
  provider: MeterProvider,
  options: SeriesOptions,
  collector: ProfileCollector,
): ProviderMetrics {
  const all = perThread(METRICS, () => new WeakMap<MeterProvider, ProviderMetrics>());
  const found = all.get(provider) ?? new ProviderMetrics(provider, options, collector);
  all.set(provider, found);
  return found;
}
