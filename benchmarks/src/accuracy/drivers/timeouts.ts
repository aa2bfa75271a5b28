import type { Work } from '../Work';
import { BLOCKED_MILLIS } from '../blocking';
import { exponential } from '../random';
import type { Stop } from './Driver';

/** Minimum mean time between the starts of two bursts of a flow. Timers are too coarse for less. */
const MIN_PAUSE_MILLIS = 4;

/** Runs bursts of random rules with random pauses in between. */
export function driveTimeouts(work: Work): Stop {
  return repeatWithPauses(() => work.run(work.draw()), work.meanBurstMillis, work.load);
}

/** Runs bursts that end in a blocked call, with random pauses. No other burst can run meanwhile. */
export function driveBlocking(work: Work): Stop {
  const step = (): void => work.run(work.draw());
  return repeatWithPauses(step, work.meanBurstMillis, work.load, BLOCKED_MILLIS);
}

/**
 * Repeats `step` with random pauses, in as many concurrent flows as the load needs.
 * @param meanMillis Mean CPU of a step.
 * @param blockedMillis Time for which a step also blocks.
 */
export function repeatWithPauses(
  step: () => void,
  meanMillis: number,
  load: number,
  blockedMillis = 0,
): Stop {
  const flows = load === 1 ? 1 : Math.max(1, Math.ceil((MIN_PAUSE_MILLIS * load) / meanMillis));
  const meanPauseMillis = (meanMillis * flows) / load - meanMillis - blockedMillis;
  let stopped = false;
  const turn = (): void => {
    if (stopped) return;
    step();
    pause();
  };
  const pause = (): void => {
    if (load === 1) setImmediate(turn);
    else setTimeout(turn, exponential(meanPauseMillis));
  };
  for (let flow = 0; flow < flows; flow++) pause();
  return () => {
    stopped = true;
  };
}
