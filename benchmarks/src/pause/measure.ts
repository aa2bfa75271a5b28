import { setTimeout as sleep } from 'node:timers/promises';
import { calibrate } from '../accuracy/burn';
import { TurnRecorder, longestTurn } from './TurnRecorder';
import { createBurst } from './burstTree';
import { type Closing, factsOf, watchClosings } from './closings';
import { type PauseSubjectName, createPauseSubject } from './subjects';

/** Settings that all profilers share. */
export interface PauseOptions {
  readonly windows: number;
  readonly windowMillis: number;
  readonly intervalMicros: number;
}

/** What closing one window cost. */
export interface ClosedWindow {
  /** The longest turn of the event loop since the closing began, in milliseconds. */
  readonly pauseMillis: number;
  /** The longest turn just before the closing, in milliseconds. Load and machine cause it. */
  readonly baselineMillis: number;
  /** The part of the pause that the native sampler takes, in milliseconds. */
  readonly nativeMillis: number;
  readonly nodes: number;
  readonly samples: number;
  /**
   * Time from the last sample of the previous window to the first sample of this one, minus the
   * sampling interval, in microseconds.
   */
  readonly lostMicros: number;
}

/** These windows do not count: V8 compiles code, and the first one begins before the load. */
const WARM_UP_WINDOWS = 2;
/** Turns are recorded from this long before the end of a window. */
const BEFORE_MILLIS = 150;
/** Turns are recorded until this long after it. Later work does not count as closing. */
const AFTER_MILLIS = 100;
/** Share of the time in which the thread works. Its bursts are shorter than any pause. */
const LOAD = 0.4;
const MAX_BURST_MILLIS = 2;
const MAX_REST_MILLIS = 3;
/** Wanted size of the call tree of a window. */
const NODES = 2_500;
const MAX_CALL_DEPTH = 60;
const RULES = 20;

/** Measures windows that close under load. Call it once per process. */
export async function measure(
  name: PauseSubjectName,
  options: PauseOptions,
): Promise<ClosedWindow[]> {
  calibrate();
  const subject = createPauseSubject(name);
  const recorder = new TurnRecorder();
  const closed: ClosedWindow[] = [];
  let previousEnd: number | undefined;
  // The number of samples with work depends on the machine, so the depth adapts to reach NODES.
  let depth = 20;

  const finish = ({ at, nativeMillis, root }: Closing): void => {
    const turns = recorder.stop();
    const { nodes, samples, firstMicros, lastMicros } = factsOf(root);
    const gapMicros = (firstMicros ?? 0) - (previousEnd ?? 0);
    previousEnd = lastMicros;
    depth = Math.min(MAX_CALL_DEPTH, Math.max(8, (depth * (1 + NODES / nodes)) / 2));
    closed.push({
      pauseMillis: longestTurn(turns, at, at + AFTER_MILLIS),
      baselineMillis: longestTurn(turns, at - AFTER_MILLIS, at - MAX_REST_MILLIS),
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
    const restStart = performance.now();
    await sleep(Math.ceil(Math.random() * MAX_REST_MILLIS));
    // Timers come late on some machines. A burst in proportion to the real rest keeps the share.
    const millis = ((performance.now() - restStart) * LOAD) / (1 - LOAD);
    const rule = `rule-${Math.floor(Math.random() * RULES)}`;
    subject.withRule(rule, () => burst(Math.min(millis, MAX_BURST_MILLIS), depth));
  }
  return closed.slice(WARM_UP_WINDOWS);
}
