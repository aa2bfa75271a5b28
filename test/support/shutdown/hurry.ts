/** Preload this file to make timers of one second fire at once. */
const real = globalThis.setTimeout;
const hurried = (fn: () => void, millis?: number): NodeJS.Timeout =>
  real(fn, millis === 1_000 ? 1 : millis);
globalThis.setTimeout = Object.assign(hurried, real) as typeof setTimeout;
