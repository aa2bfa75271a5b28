/// <reference lib="esnext.disposable" preserve="true" />
import { inspect, isDeepStrictEqual } from 'node:util';
import { type MeterProvider, diag } from '@opentelemetry/api';
import type { ProfileCollector } from '@rulescope/profiler';
import {
  InvalidOptionError,
  OffByConfig,
  checkCollectorOptions,
  isSdkDisabled,
  sharedCollector,
  timers,
} from '@rulescope/profiler/internal';
import { warnOfNoReader } from './MissingReader';
import type { ProviderMetrics } from './ProviderMetrics';
import { type After, awaitMeterProvider, registeredProvider } from './awaitMeterProvider';
import { isMeasuredElsewhere } from './measuringThread';
import type * as metricsOfProviders from './metricsOn';
import {
  type RuleMetricsConfig,
  type SeriesOptions,
  collectorOptionsOf,
  resolveSeriesOptions,
} from './options';
import { NAME, VERSION } from './version';
import { warnOfNoProvider } from './warnOfNoProvider';

/** Rule metrics from the windows of a given collector: {@link RuleMetrics} for any collector. */
export class CollectorMetrics {
  readonly instrumentationName = NAME;
  readonly instrumentationVersion = VERSION;
  private readonly off = new OffByConfig();
  private enabled = false;
  /** The MeterProvider that was handed over or found last. */
  private provider: MeterProvider | undefined;
  /** Whether the API had `provider`. The next one that the API gets then takes its place. */
  private followsApi = true;
  /** The metrics on `provider` while enabled. */
  private metrics: ProviderMetrics | undefined;
  /** The provider that has ended last. */
  private ended: MeterProvider | undefined;
  private stopWaiting: (() => void) | undefined;

  constructor(
    private readonly config: RuleMetricsConfig,
    private readonly options: SeriesOptions,
    private readonly collector: () => ProfileCollector,
    private readonly after: After = timers.after,
  ) {
    const { enabled = true } = config;
    this.off.configured(enabled);
    if (enabled) this.enable();
  }

  /**
   * Starts sampling as soon as there is a MeterProvider. Further calls do nothing, and neither does
   * the call with which `registerInstrumentations` ends if the configuration says `enabled: false`.
   * Does nothing if the environment variable `OTEL_SDK_DISABLED` is `true`.
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
   * with the API is used, and also when a registered one has shut down.
   */
  setMeterProvider(provider: MeterProvider): void {
    this.stopWaiting?.();
    this.stopWaiting = undefined;
    this.moveTo(provider);
  }

  /** Notes that a registration begins. */
  setTracerProvider(): void {
    this.off.tracerProviderSet();
  }

  private moveTo(provider: MeterProvider): void {
    this.provider = provider;
    this.followsApi = provider === registeredProvider();
    this.update();
  }

  private update(): void {
    const { enabled, provider, options, collector } = this;
    const metrics = enabled && provider ? metricsOn(provider, options, collector()) : undefined;
    if (metrics !== this.metrics) this.metrics?.remove(this);
    this.metrics = metrics;
    if (enabled && metrics?.add(this, () => this.providerEnded()) !== true) {
      this.awaitProvider();
      return;
    }
    this.stopWaiting?.();
    this.stopWaiting = undefined;
  }

  private providerEnded(): void {
    this.ended = this.provider;
    if (this.followsApi) this.awaitProvider();
  }

  private awaitProvider(): void {
    const use = (provider: MeterProvider): boolean => {
      this.moveTo(provider);
      return this.stopWaiting === undefined;
    };
    this.stopWaiting ??= awaitMeterProvider(this.after, use, () => this.warnOfMissing());
  }

  /** After an SDK has ended, the application may not start another one: then nothing is missing. */
  private warnOfMissing(): void {
    const { ended, metrics, provider } = this;
    if (isMeasuredElsewhere() || (ended && ended === provider)) return;
    if (metrics?.lacksReader) warnOfNoReader();
    else if (!ended) warnOfNoProvider();
  }
}

/** Does what `metricsOn` does. */
function metricsOn(...args: Parameters<typeof metricsOfProviders.metricsOn>): ProviderMetrics {
  // Loaded on first use: most modules of an application only enter labels.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('./metricsOn') as typeof metricsOfProviders).metricsOn(...args);
}

/**
 * CPU per rule as OpenTelemetry metrics. List it in the `instrumentations` of a `NodeSDK`, or pass
 * it to `registerInstrumentations`. Either hands it a MeterProvider. It then registers its
 * instruments there and starts sampling. A flush or shutdown of the provider exports the window
 * under way. The shutdown ends sampling, until the next SDK starts.
 *
 * In a worker thread it is off while the main thread has metrics, which include its workers.
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
    const collectorOptions = { logger: diag, ...collectorOptionsOf(config) };
    let created: ProfileCollector | undefined;
    const collector = (): ProfileCollector => (created ??= sharedCollector(collectorOptions));
    if (isSdkDisabled()) checkCollectorOptions(collectorOptions);
    else collector();
    super(config, options, collector);
  }
}
