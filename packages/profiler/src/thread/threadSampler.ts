import { isMainThread } from 'node:worker_threads';
import { toError } from '../base/errors';
import { resolveCollectorOptions } from '../collector/options';
import type { LabelSink } from '../labels/LabelStorage';
import type * as datadogSampler from '../sampler/DatadogSampler';
import type { Fairness } from '../sampler/FairStart';
import type { DropInReadings } from '../sampler/DropInReadings';
import type { Sampler } from '../sampler/Sampler';
import { UnavailableSampler } from '../sampler/UnavailableSampler';
import { perThread, slotKey } from '../slot/threadSlot';
import { THREAD_VERSION, labelStorage } from './threadLabels';

type FullSampler = Sampler & LabelSink & { readonly dropIn: DropInReadings };

/** The sampler of a thread. */
interface ThreadSampler {
  readonly sampler: FullSampler;
  /** Why it cannot sample. */
  readonly reason: Error | undefined;
}

/** Other versions look for `sampler.running` under this name: see `assertNoOtherVersionSamples`. */
const SAMPLER = slotKey<ThreadSampler>('sampler', THREAD_VERSION);

/** Whether the current thread can be sampled, and how labels travel in it. */
export interface SamplerSupport {
  readonly supported: boolean;
  /** Why the thread cannot be sampled. `undefined` if it can. */
  readonly reason: Error | undefined;
  /**
   * Whether the runtime carries labels itself (AsyncContextFrame). Otherwise an async hook carries
   * them while sampling is on.
   */
  readonly asyncContextFrame: boolean;
  /**
   * How independent the samples are of the work that they sample, as of the last start of sampling.
   * `undefined` before the first start.
   */
  readonly fairness: Fairness | undefined;
}

/** Returns the sampler of this thread. The first call loads the native code. */
export function threadSampler(): FullSampler {
  return perThread(SAMPLER, createSampler).sampler;
}

/**
 * Buffer of the native profiler for labels that are entered before sampling starts. On the main
 * thread it also samples, in windows of the default length. A terminated worker leaves its first
 * profiler in memory, so that one is as small as a profiler can be.
 */
const FIRST_BUFFER_MILLIS = isMainThread ? 30_000 : 11;

/** Loads the sampler on first use: most modules of an application only enter labels. */
function createSampler(): ThreadSampler {
  const labels = labelStorage();
  const { samplingIntervalMicros } = resolveCollectorOptions();
  const options = { samplingIntervalMicros, bufferMillis: FIRST_BUFFER_MILLIS, fair: true };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { DatadogSampler } = require('../sampler/DatadogSampler') as typeof datadogSampler;
    const sampler = new DatadogSampler(labels.frameStorage, options);
    labels.connect(sampler);
    return { sampler, reason: undefined };
  } catch (thrown) {
    const reason = toError(thrown);
    return { sampler: new UnavailableSampler(reason), reason };
  }
}

/**
 * Returns whether and how this thread can be sampled. Loads the native code and starts nothing.
 * Labels that are entered after this call are present from the first sample on.
 */
export function samplerSupport(): SamplerSupport {
  const { sampler, reason } = perThread(SAMPLER, createSampler);
  return {
    supported: reason === undefined,
    reason,
    asyncContextFrame: labelStorage().frameStorage !== undefined,
    fairness: sampler.fairness,
  };
}
