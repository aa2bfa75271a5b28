/// <reference lib="esnext.disposable" preserve="true" />
import { inspect, isDeepStrictEqual } from 'node:util';
import { type MeterProvider, diag } from '@opentelemetry/api';
import { InvalidOptionError, type ProfileCollector, sharedCollector } from '@rulescope/profiler';
import { OffByConfig, timers } from '@rulescope/profiler/internal';
import type * as providerMetrics from './ProviderMetrics';
import { type After, awaitMeterProvider } from './awaitMeterProvider';
import {
  type RuleMetricsConfig,
  type SeriesOptions,
  collectorOptionsOf,
  resolveSeriesOptions,
} from './options';
import { NAME, VERSION } from './version';

/** Rule metrics from the windows of a given collector: {@link RuleMetrics} for any collector. */
export class CollectorMetrics {
  readonly instrumentationName = NAME;
  readonly instrumentationVersion = VERSION;
  private readonly off = new OffByConfig();
  private enabled = false;
  /** The metrics on the MeterProvider that was handed over or found last. */
  private metrics: providerMetrics.ProviderMetrics | undefined;
  private stopWaiting: (() => void) | undefined;

  constructor(
    private readonly config: RuleMetricsConfig,
    private readonly options: SeriesOptions,
    private readonly collector: ProfileCollector,
    private readonly after: After = unrefAfter,
  ) {
    const { enabled = true } = config;
    this.off.configured(enabled);
    if (enabled) this.enable();
  }

  /**
   * Starts sampling as soon as there is a MeterProvider. Further calls do nothing, and neither does
   * the call with which `registerInstrumentations` ends if the configuration says `enabled: false`.
   */
  enable(): void {
    if (!this.off.enableCounts()) return;
    this.enabled = true;
    this.update();
  }

  /**
   * Stops sampling. Collections export the window under way, and then counters that stand still and
   * a usage of 0. The counters continue after {@link enable}.
   */
  disable(): void {
    this.enabled = false;
    this.update();
  }

  /** Does what {@link disable} does, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.disable();
  }

  /** Returns the options of the constructor. `enabled` is the present state. */
  getConfig(): RuleMetricsConfig {
    this.off.configRead();
    return { ...this.config, enabled: this.enabled };
  }

  /**
   * Calls {@link enable} or {@link disable} as `config.enabled` says. All other options are fixed at
   * construction.
   *
   * @throws InvalidOptionError if another option is given with another value than at construction.
   */
  setConfig(config: RuleMetricsConfig = {}): void {
    resolveSeriesOptions(config);
    const { enabled = true, ...fixed } = config;
    for (const [key, value] of Object.entries(fixed)) {
      const given = this.config[key as keyof RuleMetricsConfig];
      if (value !== undefined && !isDeepStrictEqual(value, given)) {
        const allowed = `as at construction (${given === undefined ? 'not given' : inspect(given)})`;
        throw new InvalidOptionError(key, value, allowed);
      }
    }
    this.off.configured(enabled);
    if (enabled) this.enable();
    else this.disable();
  }

  /**
   * Moves to `provider`, where the counters start at zero. A `NodeSDK` calls this when it starts.
   * If `provider` keeps no metrics, such as the API's no-op provider, the next one that is registered
   * with the API is used.
   */
  setMeterProvider(provider: MeterProvider): void {
    const metrics = metricsOn(provider, this.options, this.collector);
    if (metrics !== this.metrics) this.metrics?.remove(this);
    this.metrics = metrics;
    this.update();
  }

  /** Notes that a registration begins. */
  setTracerProvider(): void {
    this.off.tracerProviderSet();
  }

  private update(): void {
    const active = this.enabled && this.metrics?.add(this) === true;
    if (this.enabled && !active) {
      this.stopWaiting ??= awaitMeterProvider(this.after, (provider) => this.use(provider));
      return;
    }
    this.stopWaiting?.();
    this.stopWaiting = undefined;
    if (!active) this.metrics?.remove(this);
  }

  /** Moves to `provider`, if it keeps metrics. */
  private use(provider: MeterProvider): boolean {
    const metrics = metricsOn(provider, this.options, this.collector);
    if (!metrics.add(this)) return false;
    this.metrics = metrics;
    this.stopWaiting = undefined;
    return true;
  }
}

/** Does what `metricsOn` of `ProviderMetrics` does. */
function metricsOn(
  ...args: Parameters<typeof providerMetrics.metricsOn>
): providerMetrics.ProviderMetrics {
  // Loaded on first use: most modules of an application only enter labels.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('./ProviderMetrics') as typeof providerMetrics).metricsOn(...args);
}

const unrefAfter: After = (millis, fn) => {
  const timer = timers.setTimeout(fn, millis).unref();
  return () => timers.clearTimeout(timer);
};

/**
 * CPU per rule as OpenTelemetry metrics. List it in the `instrumentations` of a `NodeSDK`, or pass
 * it to `registerInstrumentations`. Either hands it a MeterProvider. It then registers its
 * instruments there and starts sampling. A flush or shutdown of the provider exports the window
 * under way. The shutdown ends sampling.
 *
 * It has the shape of `Instrumentation` in `@opentelemetry/instrumentation`. It does not extend the
 * base class of that package, which exists to patch modules at load.
 */
export class RuleMetrics extends CollectorMetrics {
  /**
   * @param config Documented at {@link RuleMetricsConfig}.
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  constructor(config: RuleMetricsConfig = {}) {
    // Checked before there is a collector, because the collector keeps its first options.
    const options = resolveSeriesOptions(config);
    super(config, options, sharedCollector({ logger: diag, ...collectorOptionsOf(config) }));
  }
}
