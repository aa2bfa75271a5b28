/// <reference lib="esnext.disposable" preserve="true" />
import { diag } from '@opentelemetry/api';
import { type WorkerSampling, sampleWorker, samplerSupport } from '@rulescope/profiler';
import { boolean, knownKeys } from '@rulescope/profiler/internal';
import { contextLabels } from './ContextLabels';
import { VERSION } from './version';

/** Options of {@link RuleInstrumentation}. */
export interface RuleInstrumentationConfig {
  /** Whether to label samples. Default true. */
  readonly enabled?: boolean;
}

/**
 * Labels CPU samples with the rule in the active OpenTelemetry Context. List it in the
 * `instrumentations` of a `NodeSDK`, or pass it to `registerInstrumentations`, before or after the
 * SDK starts. As with every instrumentation, both enable it if it is not enabled.
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
  private sampling: WorkerSampling | undefined;

  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: RuleInstrumentationConfig = {}) {
    this.setConfig(config);
  }

  /** Starts labeling. Further calls do nothing. */
  enable(): void {
    if (this.enabled) return;
    this.enabled = true;
    // Loads the native part: labels entered from now on are there from the first sample.
    samplerSupport();
    contextLabels().enable();
    this.sampling = sampleWorker(diag);
  }

  /**
   * Stops labeling. A running flow loses its label when it next enters a Context. Further calls do
   * nothing.
   */
  disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    contextLabels().disable();
    this.sampling?.stop();
  }

  /** Does what {@link disable} does, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.disable();
  }

  /**
   * Returns whether labeling is on. `registerInstrumentations` enables an instance that it finds
   * disabled, for example after an unload.
   */
  getConfig(): RuleInstrumentationConfig {
    return { enabled: this.enabled };
  }

  /**
   * Replaces the options. Calls {@link enable} or {@link disable} as `config.enabled` says.
   *
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  setConfig(config: RuleInstrumentationConfig = {}): void {
    knownKeys('RuleInstrumentationConfig', config, ['enabled']);
    const { enabled = true } = config;
    if (boolean('enabled', enabled)) this.enable();
    else this.disable();
  }

  /** Patches the context manager. A `NodeSDK` calls this after it has registered the manager. */
  setMeterProvider(): void {
    contextLabels().followManager();
  }

  /** Does what {@link setMeterProvider} does. */
  setTracerProvider(): void {
    contextLabels().followManager();
  }
}
