import { sharedLineProfiler } from '../lines/startLineProfile';
import { type Native, loadNative } from '../native/loadNative';
import { perThread, slotKey } from '../slot/threadSlot';
import { sharedCollector } from '../thread/sharedCollector';
import { labelStorage } from '../thread/threadLabels';
import { threadSampler } from '../thread/threadSampler';
import { DatadogTime } from './DatadogTime';
import { EpochClock } from './EpochClock';
import { FlowContexts } from './FlowContexts';
import { ThreadContexts } from './ThreadContexts';
import { recordFunctions } from './TimeRecording';
import { recordLines } from './recordLines';

/** The functions of `time` of `@datadog/pprof`. {@link DatadogTime} documents the differences. */
export interface Time extends Pick<DatadogTime, keyof DatadogTime> {
  readonly profileV2: DatadogTime['profile'];
  readonly constants: {
    readonly kSampleCount: number;
    readonly GARBAGE_COLLECTION_FUNCTION_NAME: string;
    readonly NON_JS_THREADS_FUNCTION_NAME: string;
  };
}

/**
 * Replaces `time` of `@datadog/pprof` 5.20. It has the same names, options and results, and works
 * for any number of users at once, beside any number of consumers. Nothing starts before a function
 * is called. The functions do not use `this`, so they can be taken out of the object.
 */
export const time: Time = timeOf('time');

/**
 * Creates a `time` of its own for each `owner`, one per thread. Its recordings and contexts are
 * independent of those of other owners.
 */
export function timeOf(owner: string): Time {
  const key = slotKey<DatadogTime>(`datadog.${owner}`, 1);
  const instance = (): DatadogTime => perThread(key, () => createDatadogTime(owner));
  return {
    start: (options) => instance().start(options),
    stop: (...args) => instance().stop(...args),
    profile: (options) => instance().profile(options),
    profileV2: (options) => instance().profile(options),
    isStarted: () => instance().isStarted(),
    setContext: (context) => instance().setContext(context),
    getContext: () => instance().getContext(),
    runWithContext: (context, fn, ...args) => instance().runWithContext(context, fn, ...args),
    getState: () => instance().getState(),
    getMetrics: () => instance().getMetrics(),
    v8ProfilerStuckEventLoopDetected: () => instance().v8ProfilerStuckEventLoopDetected(),
    get constants() {
      const native = loadNative();
      return {
        kSampleCount: native.constants.kSampleCount,
        GARBAGE_COLLECTION_FUNCTION_NAME: native.GARBAGE_COLLECTION_FUNCTION_NAME,
        NON_JS_THREADS_FUNCTION_NAME: native.NON_JS_THREADS_FUNCTION_NAME,
      };
    },
  };
}

function createDatadogTime(owner: string): DatadogTime {
  const sampler = threadSampler();
  let native: Native | undefined;
  return new DatadogTime({
    native: () => (native ??= loadNative()),
    sampler,
    flowContexts: new FlowContexts(labelStorage(), owner),
    threadContexts: new ThreadContexts(new EpochClock(), sampler),
    record: (options) =>
      options.lineNumbers
        ? recordLines(sharedLineProfiler(), options)
        : recordFunctions(sharedCollector(), sampler, options),
  });
}
