import type { Profile } from '../pprof/Profile';
import type { ProfileCollector } from '../collector/ProfileCollector';
import { ownOrigin, sharedParts } from '../thread/sharedCollector';
import { ofThread, perThread } from '../slot/threadSlot';
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
}

const DEFAULT_INTERVAL_MICROS = 2_003;

/** The line profiler of this thread. */
export function sharedLineProfiler(): LineProfiler {
  return perThread('lines', () => new LineProfiler(new InspectorSampler(), { renew }));
}

/** Renews the labelled sampler now, not at the next border: windows can be long. */
function renew(): void {
  sharedParts().sampler.renew();
  const collector = ofThread<ProfileCollector>('collector');
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
  return {
    stop: () =>
      (profile ??= buildLineProfile({
        recordings: span.close(),
        origin: ownOrigin(),
        samplingIntervalMicros,
      })),
  };
}
