import type { ProfileCollector } from '../collector/ProfileCollector';
import type { LineProfiler, LineRecording } from '../lines/LineProfiler';
import { lineCallTree } from '../lines/lineCallTree';
import { sparedIn } from '../lines/lineTree';
import type { NativeTimeProfile } from '../native/loadNative';
import type { ProfileWindow } from '../model/ProfileWindow';
import { fromWindowError } from '../model/WindowError';
import type { ResolvedTimeOptions } from './timeOptions';
import { type ContextOf, hitsIn, toTimeProfile, withContexts } from './toTimeProfile';

/** What was recorded for one `time.start` or `time.profile`. */
export interface Recorded {
  readonly profile: NativeTimeProfile;
  /** V8 stopped to deliver samples on the way. */
  readonly stuck: boolean;
}

/** One `time.start` or `time.profile` under way. */
export interface TimeRecording {
  /** What was recorded since it began or was last cut; it goes on. @param contextOf `undefined`: without contexts. */
  cut(contextOf: ContextOf | undefined): Recorded;
  /** Ends it. @returns what was recorded since it began or was last cut. */
  close(contextOf: ContextOf | undefined): Recorded;
}

/** Sampling intervals that the collector takes, microseconds. A longer one is made by leaving samples out. */
const MAX_INTERVAL_MICROS = 1_000_000;
/** Lines are not sampled more often. */
const MIN_LINE_INTERVAL_MICROS = 1_000;

/**
 * Records functions, as a span of the collector.
 * @throws what keeps the sampler from running.
 */
export function recordFunctions(
  collector: ProfileCollector,
  isSampling: () => boolean,
  options: ResolvedTimeOptions,
): TimeRecording {
  const samplingIntervalMicros = Math.min(MAX_INTERVAL_MICROS, Math.round(options.intervalMicros));
  const span = collector.openSpan({ samplingIntervalMicros });
  if (!isSampling()) {
    const { error } = span.close();
    throw error === undefined ? new Error('sampling does not start') : fromWindowError(error);
  }
  const recorded = (window: ProfileWindow, contextOf: ContextOf | undefined): Recorded => ({
    profile: toTimeProfile(window, options, contextOf),
    stuck: window.incompleteReason === 'stuck',
  });
  return {
    cut: (contextOf) => recorded(span.cut(), contextOf),
    close: (contextOf) => recorded(span.close(), contextOf),
  };
}

/**
 * Records lines, by the line-level pass.
 * @throws SamplerUnavailableError where Node.js has no inspector.
 */
export function recordLines(
  profiler: LineProfiler,
  { intervalMicros }: ResolvedTimeOptions,
): TimeRecording {
  const span = profiler.open(Math.max(MIN_LINE_INTERVAL_MICROS, Math.round(intervalMicros)));
  return { cut: () => recordedLines(span.cut()), close: () => recordedLines(span.close()) };
}

function recordedLines(recordings: LineRecording[]): Recorded {
  const startTime = (recordings[0]?.startMillis ?? 0) * 1000;
  let micros = 0;
  let spared = 0;
  for (const recording of recordings) {
    micros += recording.profile.endTime - recording.profile.startTime;
    spared += sparedIn(recording);
  }
  const topDownRoot = lineCallTree(recordings.map(({ profile }) => profile));
  return {
    profile: {
      topDownRoot: withContexts(topDownRoot, undefined),
      startTime,
      endTime: startTime + Math.round(micros),
      hasCpuTime: false,
      nonJSThreadsCpuTime: 0,
      totalHitCount: hitsIn(topDownRoot) + spared,
    },
    stuck: false,
  };
}
