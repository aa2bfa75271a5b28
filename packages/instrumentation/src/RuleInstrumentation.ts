/// <reference lib="esnext.disposable" preserve="true" />
import { diag } from '@opentelemetry/api';
import {
  OffByConfig,
  type WorkerSampling,
  boolean,
  functionOption,
  knownKeys,
  sampleWorker,
  samplerSupport,
  threadSetup,
} from '@rulescope/profiler/internal';
import { contextLabels } from './ContextLabels';
import { expectReader } from './missingHalf';
import { type SignalOptions, signals } from './signals';
import { VERSION } from './version';

/** Options of {@link RuleInstrumentation}. */
export interface RuleInstrumentationConfig extends SignalOptions {
  /**
   * Whether to label samples. Default true. With `false` it stays off when it is registered; a call
   * of `enable()` or `setConfig()` turns it on.
   */
  readonly enabled?: boolean;
}

const KNOWN_KEYS = ['enabled', 'propagate', 'incomingRule', 'spanLabels'];

/**
 * Labels CPU samples with the rule in the active OpenTelemetry Context. List it in the
 * `instrumentations` of a `NodeSDK`, or pass it to `registerInstrumentations`, before or after the
 * SDK starts. Both enable it if it was disabled, but not if it is configured with `enabled: false`.
 * If nothing reads the labels within a minute, a warning on stderr says so.
 *
 * It has the shape of `Instrumentation` in `@opentelemetry/instrumentation`. It does not extend the
 * base class of that package, which exists to patch modules at load, and whose versions for the two
 * SDK majors are incompatible.
 *
 * In a worker thread it also lets the main thread sample that thread; see `sampleWorker` of
 * `@rulescope/profiler`.
 */
export class RuleInstrumentation {
  readonly instrumentationName = '@rulescope/instrumentation';
  readonly instrumentationVersion = VERSION;
  private enabled = false;
  private config: RuleInstrumentationConfig = {};
  private readonly off = new OffByConfig();
  private sampling: WorkerSampling | undefined;
  private expectNoReader: (() => void) | undefined;

  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: RuleInstrumentationConfig = {}) {
    this.setConfig(config);
    threadSetup().instrumentation = true;
  }

  /**
   * Starts labeling. Further calls do nothing, and neither does the call with which
   * `registerInstrumentations` ends if the configuration says `enabled: false`.
   */
  enable(): void {
    if (!this.off.enableCounts() || this.enabled) return;
    this.enabled = true;
    // Loads the native part: labels entered from now on are there from the first sample.
    samplerSupport();
    contextLabels().enable();
    this.applyOptions();
    this.sampling = sampleWorker(diag);
    this.expectNoReader = expectReader();
  }

  /**
   * Stops labeling. A running flow loses its label when it next enters a Context. Further calls do
   * nothing.
   */
  disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    contextLabels().disable();
    this.applyOptions();
    this.sampling?.stop();
    this.expectNoReader?.();
  }

  /** Does what {@link disable} does, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.disable();
  }

  /** Returns the options that were set. `enabled` is the present state. */
  getConfig(): RuleInstrumentationConfig {
    this.off.configRead();
    return { ...this.config, enabled: this.enabled };
  }

  /**
   * Replaces the options. Calls {@link enable} or {@link disable} as `config.enabled` says.
   *
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  setConfig(config: RuleInstrumentationConfig = {}): void {
    knownKeys('RuleInstrumentationConfig', config, KNOWN_KEYS);
    const { enabled = true, propagate = false, incomingRule, spanLabels = false } = config;
    boolean('enabled', enabled);
    boolean('propagate', propagate);
    boolean('spanLabels', spanLabels);
    if (incomingRule !== undefined) functionOption('incomingRule', incomingRule);
    this.config = { ...config };
    this.off.configured(enabled);
    if (enabled) this.enable();
    else this.disable();
    this.applyOptions();
  }

  /** Makes the options count while it is enabled. */
  private applyOptions(): void {
    signals().set(this, this.enabled ? this.config : undefined);
  }

  /** Patches the context manager. A `NodeSDK` calls this after it has registered the manager. */
  setMeterProvider(): void {
    contextLabels().followManager();
  }

  /** Does what {@link setMeterProvider} does. */
  setTracerProvider(): void {
    this.off.tracerProviderSet();
    contextLabels().followManager();
  }
}
