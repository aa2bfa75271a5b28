/** Preload this file to make timers of one second fire at once, those of our packages too. */
import nodeTimers from 'node:timers';

const real = nodeTimers.setTimeout;
const hurried = (fn: () => void, millis?: number): NodeJS.Timeout =>
  real(fn, millis === 1_000 ? 1 : millis);
nodeTimers.setTimeout = Object.assign(hurried, real) as typeof setTimeout;
