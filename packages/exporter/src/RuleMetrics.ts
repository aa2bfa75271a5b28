import { threadId } from 'node:worker_threads';
import { type Meter, type MeterProvider, createNoopMeter, diag } from '@opentelemetry/api';
import {
  type CollectorOptions,
  type Consumer,
  type ProfileCollector,
  type ProfileWindow,
  samplerSupport,
  sharedCollector,
} from '@rulescope/profiler';
import { RuleAccounts } from './RuleAccounts';
import { type RuleMetricsConfig, resolveSeriesLimits } from './options';
import { type Instruments, registerInstruments } from './registerInstruments';
import { VERSION } from './version';

/**
 * CPU per rule as OpenTelemetry metrics. List it in the `instrumentations` of a `NodeSDK`, or pass
 * it to `registerInstrumentations`. It gets a MeterProvider there, registers its instruments on
 * it, and starts to sample.
 *
 * It has the shape of `Instrumentation` in `@opentelemetry/instrumentation` without its base
 * class, which exists to patch modules at load.
 */
export class RuleMetrics {
  readonly instrumentationName = '@rulescope/exporter';
  readonly instrumentationVersion = VERSION;
  private readonly collector: ProfileCollector;
  private readonly accounts: RuleAccounts;
  private config: RuleMetricsConfig;
  private enabled = false;
  private meter: Meter | undefined;
  private instruments: Instruments | undefined;
  private consumer: Consumer | undefined;

  /**
   * @param config Documented at {@link RuleMetricsConfig}.
   * @param collector For tests. Default: the collector of this thread.
   * @throws InvalidOptionError naming the option, its value and what is allowed.
   */
  constructor(config: RuleMetricsConfig = {}, collector?: ProfileCollector) {
    const limits = resolveSeriesLimits(config);
    this.collector = collector ?? sharedCollector(collectorOptions(config));
    const wholeWindowSeconds = this.collector.options.windowMillis / 1000;
    this.accounts = new RuleAccounts(limits, wholeWindowSeconds, threadId);
    this.config = { enabled: true, ...config };
    if (this.config.enabled !== false) this.enable();
  }

  /** Starts sampling as soon as there is a MeterProvider. Further calls do nothing. */
  enable(): void {
    this.enabled = true;
    this.update();
  }

  /** Stops sampling and ends the observations. After `enable()` the counters continue. */
  disable(): void {
    this.enabled = false;
    this.update();
  }

  getConfig(): RuleMetricsConfig {
    return this.config;
  }

  /** Changes nothing but `enabled` in the configuration; {@link enable} and {@link disable} act. */
  setConfig(config: RuleMetricsConfig): void {
    this.config = { ...this.config, enabled: config.enabled ?? true };
  }

  setMeterProvider(provider: MeterProvider): void {
    const meter = provider.getMeter(this.instrumentationName, this.instrumentationVersion);
    this.instruments?.unregister();
    this.instruments = undefined;
    // Before a NodeSDK has its MeterProvider it hands over the API's, whose meter keeps nothing.
    this.meter = isNoop(meter) ? undefined : meter;
    this.update();
  }

  setTracerProvider(): void {}

  private update(): void {
    if (this.enabled && this.meter !== undefined) {
      this.instruments ??= registerInstruments(this.meter, this.accounts, () =>
        this.collector.consumers(),
      );
      this.consumer ??= this.collector.addConsumer(this.instrumentationName, (window) =>
        this.consume(window),
      );
      this.accounts.samplerStates.update(samplerSupport());
    } else {
      this.instruments?.unregister();
      this.instruments = undefined;
      void this.consumer?.remove();
      this.consumer = undefined;
    }
  }

  private consume(window: ProfileWindow): void {
    this.accounts.add(window);
    this.accounts.samplerStates.update(samplerSupport());
    this.instruments?.recordPause(window.pauseSeconds);
  }
}

function collectorOptions(config: RuleMetricsConfig): CollectorOptions {
  const { windowMillis, periodMillis, samplingIntervalMicros, fairSampling } = config;
  return {
    logger: diag,
    ...(windowMillis !== undefined && { windowMillis }),
    ...(periodMillis !== undefined && { periodMillis }),
    ...(samplingIntervalMicros !== undefined && { samplingIntervalMicros }),
    ...(fairSampling !== undefined && { fairSampling }),
  };
}

/** By name: with ESM and CJS there are two copies of the API, hence two such meters. */
function isNoop(meter: Meter): boolean {
  return meter.constructor.name === createNoopMeter().constructor.name;
}
