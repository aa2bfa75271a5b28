import { type MeterProvider, diag } from '@opentelemetry/api';
import type { timers } from '@rulescope/profiler/internal';

/** Tests pass their own. */
export type After = typeof timers.after;

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/** Looks often at first: what runs before a provider is found is in no figure. */
const EARLY = { everyMillis: 20, untilMillis: 5_000 };
const LATER_EVERY_MILLIS = 1_000;
const MISSING_AFTER_MILLIS = 60_000;

/**
 * Looks for a MeterProvider that is registered with the API, every 20 ms for five seconds and then
 * once a second, and calls `use` with each new one until it returns true. Begins again with each
 * new one. Calls `missing` if none is used for a minute, and goes on.
 *
 * @returns A function that ends the search.
 */
export function awaitMeterProvider(
  after: After,
  use: (provider: MeterProvider) => boolean,
  missing: () => void = () => undefined,
): () => void {
  let waitedMillis = 0;
  let tried: MeterProvider | undefined;
  let cancel = (): void => undefined;
  const wait = (): void => {
    const millis = waitedMillis < EARLY.untilMillis ? EARLY.everyMillis : LATER_EVERY_MILLIS;
    waitedMillis += millis;
    cancel = after(millis, check);
  };
  const tryToUse = (provider: MeterProvider): boolean => {
    try {
      return use(provider);
    } catch (error) {
      // Thrown here, in a timer, it would end the application.
      diag.error('rulescope: the registered MeterProvider cannot be used', error);
      return false;
    }
  };
  const check = (): void => {
    const provider = registeredProvider();
    if (provider !== tried) {
      tried = provider;
      waitedMillis = 0;
      if (provider !== undefined && tryToUse(provider)) return;
    }
    if (waitedMillis === MISSING_AFTER_MILLIS) missing();
    wait();
  };
  wait();
  return () => cancel();
}

/** Returns the MeterProvider that is registered with the API. */
export function registeredProvider(): MeterProvider | undefined {
  return (globalThis as { [API]?: { metrics?: MeterProvider } })[API]?.metrics;
}
