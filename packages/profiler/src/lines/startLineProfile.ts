import type { Profile } from '../pprof/Profile';
import { type Steps, allAtOnce } from '../base/steps';
import { timers } from '../base/timers';
import { integerInRange, knownKeys } from '../base/validate';
import { systemClock } from '../collector/Clock';
import { perThread, slotKey } from '../slot/threadSlot';
import { windowOrigin } from '../thread/sharedCollector';
import { labelStorage } from '../thread/threadLabels';
import { InspectorSampler } from './InspectorSampler';
import { LineProfiler, type LineRecording } from './LineProfiler';
import { LineSum } from './LineSum';

/** Options of a line-level profile. */
export interface LineProfileOptions {
  /**
   * Mean time between two samples, microseconds, an integer from 1,000 to 1,000,000. Default 2,003.
   * Shorter intervals are refused because the signals also fill the buffer of the labeled sampler.
   * Line profiles that run at the same time share one sampler, which runs at the shortest of their
   * intervals.
   */
  readonly samplingIntervalMicros?: number;
}

/** A running line-level profile. */
export interface LineProfileRun {
  /**
   * Ends the profile.
   * @returns The profile in pprof's format. Sample types: `samples/count`, and `wall/nanoseconds`,
   *   the default. Without labels. Further calls return the same profile.
   * @throws SamplerUnavailableError if the inspector has failed meanwhile. Further calls throw the
   *   same error.
   */
  stop(): Profile;
  /** Stops the profile. */
  [Symbol.dispose](): void;
}

const DEFAULT_INTERVAL_MICROS = 2_003;

/** Versions of Node.js whose V8 does not tell a profile which functions it has inlined. */
const HIDES_INLINED = /^2[0-5]\./;
const INLINED =
  'inlined functions count as their caller, with the lines of their own file; ' +
  'node --max-inlined-bytecode-size=0 or Node.js 26 keeps them apart';
const REMARKS = HIDES_INLINED.test(process.versions.node) ? [INLINED] : [];

const LINES = slotKey<LineProfiler>('lines', 1);

/** Returns the line profiler of this thread. */
export function sharedLineProfiler(): LineProfiler {
  return perThread(
    LINES,
    () =>
      new LineProfiler({
        sampler: new InspectorSampler(),
        clock: systemClock,
        labels: labelStorage(),
      }),
  );
}

/**
 * Starts a profile of this thread by line, for `go tool pprof -list`. It runs beside the labeled
 * sampler and has no labels. Any number of line profiles can run at the same time.
 *
 * @throws InvalidOptionError if an option is unknown or out of range.
 * @throws SamplerUnavailableError if Node.js has no inspector.
 */
export function startLineProfile(options: LineProfileOptions = {}): LineProfileRun {
  const stopInSteps = recordLineProfile(options);
  let outcome: (() => Profile) | undefined;
  const stop = (): Profile => {
    if (outcome === undefined) {
      try {
        const profile = allAtOnce(stopInSteps());
        outcome = () => profile;
      } catch (error) {
        outcome = () => {
          throw error;
        };
      }
    }
    return outcome();
  };
  return { stop, [Symbol.dispose]: () => void stop() };
}

/**
 * Starts a profile as {@link startLineProfile} does. Returns a function that ends it at once, and
 * returns it in steps. Call that function once.
 */
export function recordLineProfile(
  options: LineProfileOptions,
): (comments?: readonly string[]) => Steps<Profile> {
  knownKeys('LineProfileOptions', options, ['samplingIntervalMicros']);
  const samplingIntervalMicros = integerInRange(
    'samplingIntervalMicros',
    options.samplingIntervalMicros ?? DEFAULT_INTERVAL_MICROS,
    1_000,
    1_000_000,
  );
  const sum = new LineSum(windowOrigin());
  const ended: LineRecording[] = [];
  const addNext = (): void => {
    const recording = ended.shift();
    if (recording !== undefined) sum.add(recording);
  };
  const stream = sharedLineProfiler().open(samplingIntervalMicros, (recording) => {
    ended.push(recording);
    // In the next turn, because ending a recording takes long enough for one.
    timers.setImmediate(addNext);
  });
  function* finish(comments: readonly string[]): Steps<Profile> {
    for (; ended.length > 0; yield) addNext();
    return yield* sum.buildInSteps(samplingIntervalMicros, [...REMARKS, ...comments]);
  }
  return (comments = []) => {
    stream.close();
    return finish(comments);
  };
}
