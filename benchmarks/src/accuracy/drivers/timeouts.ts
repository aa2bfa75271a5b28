import type { Work } from '../Work';
import { BLOCKED_MILLIS } from '../blocking';
import { exponential } from '../random';
import type { Stop } from './Driver';

/** Between two bursts of a flow lies this much time at least: timers know nothing shorter. */
const MIN_PAUSE_MILLIS = 4;

/** Runs bursts of random rules with random pauses between. */
export function driveTimeouts(work: Work): Stop {
  return repeatWithPauses(() => work.run(work.draw()), work.meanBurstMillis, work.load);
}

/** The same for bursts that also wait in a blocked call, during which no other burst can run. */
export function driveBlocking(work: Work): Stop {
  const step = (): void => work.run(work.draw());
  return repeatWithPauses(step, work.meanBurstMillis, work.load, BLOCKED_MILLIS);
}

/**
 * Runs `step` with random pauses, in as many flows as needed.
 * @param meanMillis CPU that a step uses.
 * @param blockedMillis How long a step is blocked besides.
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
