/// <reference lib="esnext.disposable" preserve="true" />
import { threadId } from 'node:worker_threads';
import { type Meter, type MeterProvider, diag } from '@opentelemetry/api';
import {
  type Consumer,
  InvalidOptionError,
  type ProfileCollector,
  type ProfileWindow,
  samplerSupport,
  sharedCollector,
} from '@rulescope/profiler';
import { OffByConfig } from '@rulescope/profiler/internal';
import { MissingInstrumentation } from './MissingInstrumentation';
import { RuleAccounts } from './RuleAccounts';
import {
  type RuleMetricsConfig,
  type SeriesLimits,
  collectorOptionsOf,
  resolveSeriesLimits,
} from './options';
import { type Instruments, registerInstruments } from './registerInstruments';
import { VERSION } from './version';

/** Rule metrics from the windows of a given collector: {@link RuleMetrics} for any collector. */
export class CollectorMetrics {
  readonly instrumentationName = '@rulescope/exporter';
  readonly instrumentationVersion = VERSION;
  private readonly accounts: RuleAccounts;
  private readonly missing = new MissingInstrumentation();
  private readonly config: RuleMetricsConfig;
  private enabled = false;
  private readonly off = new OffByConfig();
  private meter: Meter | undefined;
  private instruments: Instruments | undefined;
  private consumer: Consumer | undefined;

  constructor(
    config: RuleMetricsConfig,
    limits: SeriesLimits,
    private readonly collector: ProfileCollector,
  ) {
    this.accounts = new RuleAccounts(limits, collector.options.windowMillis / 1000, threadId);
    const { enabled = true } = config;
    this.config = { ...config };
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

  /** Stops sampling and ends the observations. The counters continue after {@link enable}. */
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
    resolveSeriesLimits(config);
    const { enabled = true, ...fixed } = config;
    for (const [key, value] of Object.entries(fixed)) {
      const given = this.config[key as keyof RuleMetricsConfig];
      if (value !== undefined && value !== given) {
        const allowed = `as at construction (${given ?? 'not given'})`;
        throw new InvalidOptionError(key, value, allowed);
      }
    }
    this.off.configured(enabled);
    if (enabled) this.enable();
    else this.disable();
  }

  /** Moves the instruments to `provider`. A `NodeSDK` calls this when it starts. */
  setMeterProvider(provider: MeterProvider): void {
    this.unregister();
    this.meter = provider.getMeter(this.instrumentationName, this.instrumentationVersion);
    this.update();
  }

  /** Notes that a registration begins. */
  setTracerProvider(): void {
    this.off.tracerProviderSet();
  }

  private update(): void {
    if (this.enabled && this.meter !== undefined) {
      // Without instruments the meter is a no-op. A NodeSDK hands over the API's no-op provider
      // before it has its own.
      this.instruments ??= registerInstruments(this.meter, this.accounts, () =>
        this.collector.droppedWindows(),
      );
    } else {
      this.unregister();
    }
    if (this.instruments !== undefined) {
      this.consumer ??= this.collector.addConsumer(this.instrumentationName, (window) =>
        this.consume(window),
      );
      this.accounts.samplerStates.update(samplerSupport());
    } else {
      void this.consumer?.remove();
      this.consumer = undefined;
    }
  }

  private unregister(): void {
    this.instruments?.unregister();
    this.instruments = undefined;
  }

  private consume(window: ProfileWindow): void {
    this.accounts.add(window);
    this.missing.update(window, this.accounts.ledger.cpuSeconds('rule') > 0);
    this.accounts.samplerStates.update(samplerSupport());
    this.instruments?.recordCloseDuration(window.pauseSeconds);
  }
}

/**
 * CPU per rule as OpenTelemetry metrics. List it in the `instrumentations` of a `NodeSDK`, or pass
 * it to `registerInstrumentations`. Either hands it a MeterProvider. It then registers its
 * instruments there and starts sampling.
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
    const limits = resolveSeriesLimits(config);
    super(config, limits, sharedCollector({ logger: diag, ...collectorOptionsOf(config) }));
  }
}
