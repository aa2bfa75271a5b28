import { setTimeout as sleep } from 'node:timers/promises';
import { calibrate } from '../accuracy/burn';
import { TurnRecorder, longestTurn } from './TurnRecorder';
import { createBurst } from './burstTree';
import { type Closing, factsOf, watchClosings } from './closings';
import { type PauseSubjectName, createPauseSubject } from './subjects';

/** How the processes are alike. */
export interface PauseOptions {
  readonly windows: number;
  readonly windowMillis: number;
  readonly intervalMicros: number;
}

/** What closing one window did. */
export interface ClosedWindow {
  /** The longest turn of the event loop from the closing on, milliseconds. */
  readonly pauseMillis: number;
  /** The longest turn just before, which the load and the machine alone are to blame for. */
  readonly otherwiseMillis: number;
  /** Of the pause: in the native sampler. */
  readonly nativeMillis: number;
  readonly nodes: number;
  readonly samples: number;
  /** From the last sample of the window before to the first of this one, less the sampling interval, microseconds. */
  readonly lostMicros: number;
}

/** Not measured: code is compiled, and the window begins before the load does. */
const WARM_UP_WINDOWS = 2;
/** The loop is watched from so long before a window's end ... */
const BEFORE_MILLIS = 150;
/** ... until so long after. What a profiler does with the profile later than that is no part of closing the window. */
const AFTER_MILLIS = 100;
/** The load: as much in a burst, and as much rest between two. Short beside every pause. */
const BURST_MILLIS = 0.5;
const REST_MILLIS = 1;
const CALL_DEPTH = 22;
const RULES = 20;

/** Closes windows under load, in a process of its own. */
export async function measure(
  name: PauseSubjectName,
  options: PauseOptions,
): Promise<ClosedWindow[]> {
  calibrate();
  const subject = createPauseSubject(name);
  const recorder = new TurnRecorder();
  const closed: ClosedWindow[] = [];
  let previousEnd: bigint | undefined;

  const finish = ({ at, nativeMillis, root }: Closing): void => {
    const turns = recorder.stop();
    const { nodes, samples, first, last } = factsOf(root);
    const gapMicros = Number((first ?? 0n) - (previousEnd ?? 0n));
    previousEnd = last;
    closed.push({
      pauseMillis: longestTurn(turns, at, at + AFTER_MILLIS),
      otherwiseMillis: longestTurn(turns, at - AFTER_MILLIS, at - 2 * REST_MILLIS),
      nativeMillis,
      nodes,
      samples,
      lostMicros: gapMicros - options.intervalMicros,
    });
    setTimeout(() => recorder.start(), options.windowMillis - BEFORE_MILLIS - AFTER_MILLIS);
  };
  await subject.start(options.intervalMicros, options.windowMillis);
  watchClosings(subject.sampler, (closing) => {
    setTimeout(() => finish(closing), AFTER_MILLIS + REST_MILLIS);
  });
  const burst = createBurst(CALL_DEPTH);
  while (closed.length < WARM_UP_WINDOWS + options.windows) {
    const rule = `rule-${Math.floor(Math.random() * RULES)}`;
    subject.withRule(rule, () => burst(BURST_MILLIS));
    await sleep(REST_MILLIS);
  }
  return closed.slice(WARM_UP_WINDOWS);
}
