/**
 * The timers and clocks of the runtime, taken when the package is loaded: fake timers that a test
 * installs later do not stop the sampling.
 */
export const timers = {
  setTimeout,
  clearTimeout,
  setImmediate,
  /** Milliseconds since the epoch. */
  epochMillis: Date.now,
  /** Milliseconds of a clock that never jumps. */
  monotonicMillis: performance.now.bind(performance),
};
