import type { Profile } from '../pprof/Profile';
import { integerInRange, knownKeys } from '../base/validate';
import { perThread, slotKey } from '../slot/threadSlot';
import { windowOrigin } from '../thread/sharedCollector';
import { InspectorSampler } from './InspectorSampler';
import { LineProfiler } from './LineProfiler';
import { buildLineProfile } from './buildLineProfile';

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
   */
  stop(): Profile;
  /** Stops the profile. */
  [Symbol.dispose](): void;
}

const DEFAULT_INTERVAL_MICROS = 2_003;

const LINES = slotKey<LineProfiler>('lines', 1);

/** Returns the line profiler of this thread. */
export function sharedLineProfiler(): LineProfiler {
  return perThread(LINES, () => new LineProfiler(new InspectorSampler()));
}

/**
 * Starts a profile of this thread by line, for `go tool pprof -list`. It runs beside the labeled
 * sampler and has no labels. Any number of line profiles can run at the same time.
 *
 * @throws InvalidOptionError if an option is unknown or out of range.
 * @throws SamplerUnavailableError if Node.js has no inspector.
 */
export function startLineProfile(options: LineProfileOptions = {}): LineProfileRun {
  knownKeys('LineProfileOptions', options, ['samplingIntervalMicros']);
  const samplingIntervalMicros = integerInRange(
    'samplingIntervalMicros',
    options.samplingIntervalMicros ?? DEFAULT_INTERVAL_MICROS,
    1_000,
    1_000_000,
  );
  const span = sharedLineProfiler().open(samplingIntervalMicros);
  let profile: Profile | undefined;
  const stop = (): Profile =>
    (profile ??= buildLineProfile({
      recordings: span.close(),
      origin: windowOrigin(),
      samplingIntervalMicros,
    }));
  return { stop, [Symbol.dispose]: () => void stop() };
}
