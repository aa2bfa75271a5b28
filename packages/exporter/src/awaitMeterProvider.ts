import type { MeterProvider } from '@opentelemetry/api';
import { timers } from '@rulescope/profiler/internal';

/** Calls `fn` once after `millis` without keeping the process alive. Returns what cancels it. */
export type After = (millis: number, fn: () => void) => () => void;

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

const CHECK_MILLIS = 1_000;
const CHECKS_UNTIL_MISSING = 60;

/**
 * Looks once a second for a MeterProvider that is registered with the API, and calls `use` with each
 * new one until it returns true. Calls `missing` if none is used for a minute after the start or
 * after the last new one, and goes on.
 *
 * @returns A function that ends the search.
 */
export function awaitMeterProvider(
  after: After,
  use: (provider: MeterProvider) => boolean,
  missing: () => void,
): () => void {
  let checks = 0;
  let tried: MeterProvider | undefined;
  const check = (): void => {
    const provider = registeredProvider();
    if (provider !== tried) {
      tried = provider;
      checks = 0;
      if (provider !== undefined && use(provider)) return;
    }
    if (++checks === CHECKS_UNTIL_MISSING) missing();
    cancel = after(CHECK_MILLIS, check);
  };
  let cancel = after(CHECK_MILLIS, check);
  return () => cancel();
}

/** Returns the MeterProvider that is registered with the API. */
export function registeredProvider(): MeterProvider | undefined {
  return (globalThis as { [API]?: { metrics?: MeterProvider } })[API]?.metrics;
}

export const realAfter: After = (millis, fn) => {
  const timer = timers.setTimeout(fn, millis).unref();
  return () => timers.clearTimeout(timer);
};
