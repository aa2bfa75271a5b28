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
/** The load: share of the time in which the thread works, in bursts that are short beside every pause. */
const LOAD = 0.4;
const MAX_BURST_MILLIS = 2;
const MAX_REST_MILLIS = 3;
/** Nodes that the call tree of a window is to have. */
const NODES = 2_500;
const MAX_CALL_DEPTH = 60;
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
  // How many samples find the thread at work differs from machine to machine; hence how deep each stack has to be.
  let depth = 20;

  const finish = ({ at, nativeMillis, root }: Closing): void => {
    const turns = recorder.stop();
    const { nodes, samples, first, last } = factsOf(root);
    const gapMicros = Number((first ?? 0n) - (previousEnd ?? 0n));
    previousEnd = last;
    depth = Math.min(MAX_CALL_DEPTH, Math.max(8, (depth * (1 + NODES / nodes)) / 2));
    closed.push({
      pauseMillis: longestTurn(turns, at, at + AFTER_MILLIS),
      otherwiseMillis: longestTurn(turns, at - AFTER_MILLIS, at - MAX_REST_MILLIS),
      nativeMillis,
      nodes,
      samples,
      lostMicros: gapMicros - options.intervalMicros,
    });
    setTimeout(() => recorder.start(), options.windowMillis - BEFORE_MILLIS - AFTER_MILLIS);
  };
  await subject.start(options.intervalMicros, options.windowMillis);
  watchClosings(subject.sampler, (closing) => {
    setTimeout(() => finish(closing), AFTER_MILLIS + MAX_BURST_MILLIS);
  });
  const burst = createBurst(MAX_CALL_DEPTH);
  while (closed.length < WARM_UP_WINDOWS + options.windows) {
    const rested = performance.now();
    await sleep(Math.ceil(Math.random() * MAX_REST_MILLIS));
    // A timer's millisecond may be two: the share is to be the same on every machine.
    const millis = ((performance.now() - rested) * LOAD) / (1 - LOAD);
    const rule = `rule-${Math.floor(Math.random() * RULES)}`;
    subject.withRule(rule, () => burst(Math.min(millis, MAX_BURST_MILLIS), depth));
  }
  return closed.slice(WARM_UP_WINDOWS);
}
