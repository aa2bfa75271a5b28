/** Returns whether the environment turns the OpenTelemetry SDK off. Then nothing of ours starts. */
export function isSdkDisabled(): boolean {
  return process.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
}

/**
 * Keeps an instrumentation off if {@link isSdkDisabled}, or if its configuration says
 * `enabled: false`. OpenTelemetry's `registerInstrumentations`, which a `NodeSDK` calls, enables
 * every instrumentation that is off. It calls `setTracerProvider`, `setMeterProvider`, `getConfig`
 * and then `enable`. That `enable` must not count. Any other one is a call of the application, and
 * counts.
 */
export class OffByConfig {
  private off = false;
  /** The last call that belongs to a registration. */
  private lastCall: 'setTracerProvider' | 'getConfig' | undefined;

  /** Records that the application has configured `enabled`. */
  configured(enabled: boolean): void {
    this.off = !enabled;
    this.lastCall = undefined;
  }

  /** Records a call of `setTracerProvider`, with which a registration begins. */
  tracerProviderSet(): void {
    this.lastCall = 'setTracerProvider';
  }

  /** Records a call of `getConfig`, after which a registration calls `enable`. */
  configRead(): void {
    if (this.lastCall !== undefined) this.lastCall = 'getConfig';
  }

  /** Returns whether a call of `enable` counts. It does not at the end of a registration. */
  enableCounts(): boolean {
    if (isSdkDisabled()) return false;
    const counts = !this.off || this.lastCall !== 'getConfig';
    if (counts) this.off = false;
    this.lastCall = undefined;
    return counts;
  }
}
