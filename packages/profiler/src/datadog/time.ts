import { sharedLineProfiler } from '../lines/startLineProfile';
import { type Native, loadNative } from '../native/loadNative';
import { sharedCollector } from '../thread/sharedCollector';
import { labelStorage } from '../thread/threadLabels';
import { threadSampler } from '../thread/threadSampler';
import { perThread, slotKey } from '../slot/threadSlot';
import { EpochClock } from './EpochClock';
import { FlowContexts } from './FlowContexts';
import { ThreadContexts } from './ThreadContexts';
import { DatadogTime } from './DatadogTime';
import { recordFunctions, recordLines } from './TimeRecording';

/** What `time` of `@datadog/pprof` has; see there, and the docstrings of what differs. */
export interface Time extends Pick<DatadogTime, keyof DatadogTime> {
  readonly profileV2: DatadogTime['profile'];
  readonly constants: {
    readonly kSampleCount: number;
    readonly GARBAGE_COLLECTION_FUNCTION_NAME: string;
    readonly NON_JS_THREADS_FUNCTION_NAME: string;
  };
}

/**
 * A drop-in for `time` of `@datadog/pprof` 5.20: the same names, options and results, for any number of users at once beside
 * any number of consumers. Starts nothing until it is asked to. Its functions can be taken out of it.
 */
export const time: Time = timeOf('time');

/** A `time` of its own: what its users start and the contexts that they set are theirs. One per thread for each `owner`. */
export function timeOf(owner: string): Time {
  const key = slotKey<DatadogTime>(`datadog.${owner}`, 1);
  const dropIn = (): DatadogTime => perThread(key, () => createDropIn(owner));
  return {
    start: (options) => dropIn().start(options),
    stop: (...args) => dropIn().stop(...args),
    profile: (options) => dropIn().profile(options),
    profileV2: (options) => dropIn().profile(options),
    isStarted: () => dropIn().isStarted(),
    setContext: (context) => dropIn().setContext(context),
    getContext: () => dropIn().getContext(),
    runWithContext: (context, fn, ...args) => dropIn().runWithContext(context, fn, ...args),
    getState: () => dropIn().getState(),
    getMetrics: () => dropIn().getMetrics(),
    v8ProfilerStuckEventLoopDetected: () => dropIn().v8ProfilerStuckEventLoopDetected(),
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

function createDropIn(owner: string): DatadogTime {
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
        : recordFunctions(sharedCollector(), () => sampler.running, options),
  });
}
