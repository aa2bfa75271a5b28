import type { Profile } from 'pprof-format';
import { currentCollector, windowOrigin } from '../thread/sharedCollector';
import { threadSampler } from '../thread/threadSampler';
import { perThread, slotKey } from '../slot/threadSlot';
import { integerInRange, knownKeys } from '../base/validate';
import { InspectorSampler } from './InspectorSampler';
import { LineProfiler } from './LineProfiler';
import { buildLineProfile } from './buildLineProfile';

/** How to record lines. */
export interface LineProfileOptions {
  /**
   * Mean time between two samples, microseconds, 1,000 to 1,000,000. Default 2,003. Not less: the signals fill the buffer of the labelled
   * sampler too. While others record lines as well, it is that of whoever wants most.
   */
  readonly samplingIntervalMicros?: number;
}

/** A line-level profile under way. */
export interface LineProfileRun {
  /** Ends it. @returns the profile, see `buildLineProfile`; further calls return the same. */
  stop(): Profile;
  /** Stops the profile. */
  [Symbol.dispose](): void;
}

const DEFAULT_INTERVAL_MICROS = 2_003;

const LINES = slotKey<LineProfiler>('lines', 1);

/** The line profiler of this thread. */
export function sharedLineProfiler(): LineProfiler {
  return perThread(LINES, () => new LineProfiler(new InspectorSampler(), { renew }));
}

/** Renews the labelled sampler now, not at the next border: windows can be long. */
function renew(): void {
  threadSampler().renew();
  const collector = currentCollector();
  if (collector?.running === true) collector.openSpan().close();
}

/**
 * Begins a profile of this thread by line, for `go tool pprof -list`: a second one beside the labelled, without labels. Any number at
 * a time.
 *
 * @throws InvalidOptionError on a bad option; SamplerUnavailableError where Node.js has no inspector.
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
