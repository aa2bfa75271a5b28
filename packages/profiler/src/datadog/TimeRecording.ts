import { timers } from '../base/timers';
import type { ProfileCollector } from '../collector/ProfileCollector';
import type { ProfileWindow } from '../model/ProfileWindow';
import { fromWindowError } from '../model/WindowError';
import type { NativeTimeProfile } from '../native/loadNative';
import type { DropInReadings } from '../sampler/DropInReadings';
import type { ResolvedTimeOptions } from './timeOptions';
import { type ContextOf, toTimeProfile } from './toTimeProfile';

/** Result of one `time.start` or `time.profile`. */
export interface Recorded {
  readonly profile: NativeTimeProfile;
  /** Whether V8 stopped delivering samples during the recording. */
  readonly stuck: boolean;
}

/** A running `time.start` or `time.profile`. */
export interface TimeRecording {
  /**
   * Returns everything recorded since the beginning or since the last cut. The recording continues.
   * @param contextOf `undefined`: samples get no context.
   */
  cut(contextOf: ContextOf | undefined): Recorded;
  /**
   * Ends the recording. Returns everything recorded since the beginning or since the last cut.
   * @param contextOf `undefined`: samples get no context.
   */
  close(contextOf: ContextOf | undefined): Recorded;
}

/**
 * Longest sampling interval of the collector, microseconds. A longer interval is achieved by
 * leaving out samples.
 */
const MAX_INTERVAL_MICROS = 1_000_000;

/** The part of the sampler that a recording needs. */
export interface RecordedSampler {
  readonly running: boolean;
  readonly dropIn: DropInReadings;
}

/**
 * Records functions in a span of the collector.
 * @throws Error if the sampler does not start; it is the sampler's own error.
 */
export function recordFunctions(
  collector: ProfileCollector,
  sampler: RecordedSampler,
  options: ResolvedTimeOptions,
): TimeRecording {
  const { dropIn } = sampler;
  const samplingIntervalMicros = Math.min(MAX_INTERVAL_MICROS, Math.round(options.intervalMicros));
  const endAsyncIds = options.collectAsyncId ? dropIn.requestAsyncIds() : () => undefined;
  const span = collector.openSpan({ samplingIntervalMicros });
  // Opening a span, cutting it and closing it each end a recording of the sampler.
  let unsampledBefore = dropIn.unsampledCpuNanos;
  const close = (): ProfileWindow => {
    endAsyncIds();
    return span.close();
  };
  if (!sampler.running) {
    const { error } = close();
    throw error === undefined ? new Error('sampling does not start') : fromWindowError(error);
  }
  const recorded = (window: ProfileWindow, contextOf: ContextOf | undefined): Recorded => {
    const unsampled = dropIn.unsampledCpuNanos - unsampledBefore;
    unsampledBefore += unsampled;
    return {
      profile: toTimeProfile(window, options, contextOf, unsampled / 1e9),
      stuck: window.incompleteReason === 'stuck',
    };
  };
  return {
    cut: (contextOf) => recorded(span.cut(), contextOf),
    close: (contextOf) => recorded(close(), contextOf),
  };
}

/** Returns a recording without samples. */
export function emptyRecording(): Recorded {
  const now = timers.epochMillis() * 1000;
  return {
    stuck: false,
    profile: {
      topDownRoot: { name: '(root)', scriptName: '', hitCount: 0, contexts: [], children: [] },
      startTime: now,
      endTime: now,
      hasCpuTime: false,
      nonJSThreadsCpuTime: 0,
    },
  };
}
