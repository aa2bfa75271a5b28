import { diag } from '@opentelemetry/api';
import { type WorkerSampling, sampleWorker, samplerSupport } from '@rulescope/profiler';
import { contextLabels } from './threadState';
import { VERSION } from './version';

/** Configuration of {@link RuleInstrumentation}. */
export interface RuleInstrumentationConfig {
  /** Default true. */
  readonly enabled?: boolean;
}

/**
 * Ties profiler labels to the rule that the active OpenTelemetry Context carries. List it in the `instrumentations` of a
 * `NodeSDK`, or pass it to `registerInstrumentations`, before or after the SDK starts.
 *
 * It has the shape of `Instrumentation` in `@opentelemetry/instrumentation` without its base class: that one exists to
 * patch modules at load, of which nothing is done here, and comes in two incompatible ranges for the two SDK majors.
 *
 * In a worker thread it also lets the main thread's collector sample that thread, see `sampleWorker` of `@rulescope/profiler`.
 */
export class RuleInstrumentation {
  readonly instrumentationName = '@rulescope/instrumentation';
  readonly instrumentationVersion = VERSION;
  private config: RuleInstrumentationConfig;
  private enabled = false;
  private sampling: WorkerSampling | undefined;

  constructor(config: RuleInstrumentationConfig = {}) {
    this.config = { enabled: true, ...config };
    if (this.config.enabled !== false) this.enable();
  }

  /** Starts to label. Further calls do nothing. */
  enable(): void {
    if (this.enabled) return;
    this.enabled = true;
    // Loads the native part: labels entered from now on are there from the first sample.
    samplerSupport();
    contextLabels().enable();
    this.sampling = sampleWorker(diag);
  }

  /** Stops to label: flows under way lose their label when they next enter a Context. Further calls do nothing. */
  disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    contextLabels().disable();
    this.sampling?.stop();
  }

  getConfig(): RuleInstrumentationConfig {
    return this.config;
  }

  setConfig(config: RuleInstrumentationConfig): void {
    this.config = { enabled: true, ...config };
  }

  /** A `NodeSDK` calls this when its context manager is in place. */
  setMeterProvider(): void {
    contextLabels().followManager();
  }

  setTracerProvider(): void {
    contextLabels().followManager();
  }
}
