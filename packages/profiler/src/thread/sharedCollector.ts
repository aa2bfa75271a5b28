import type { LabelSet } from '../model/LabelSet';
import type { LabelSink, LabelStorage, SamplerLabelStorage } from '../labels/LabelStorage';
import type { Sampler } from '../sampler/Sampler';
import { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread, threadId } from 'node:worker_threads';
import { systemClock } from '../collector/Clock';
import { type CollectorParts, ProfileCollector } from '../collector/ProfileCollector';
import { type CollectorOptions, resolveCollectorOptions } from '../collector/options';
import { toError } from '../base/errors';
import { AsyncContextFrameLabels } from '../labels/AsyncContextFrameLabels';
import { AsyncHooksLabels } from '../labels/AsyncHooksLabels';
import { DatadogSampler } from '../sampler/DatadogSampler';
import type { Fairness } from '../sampler/FairStart';
import { UnavailableSampler } from '../sampler/UnavailableSampler';
import { perThread } from '../slot/threadSlot';
import { VERSION } from '../base/version';
import type { WindowOrigin } from '../model/ProfileWindow';
import { WorkerRegistry } from '../workers/WorkerRegistry';
import { acceptWorkers } from '../workers/handshake';

/** Whether the current thread can be sampled, and how labels travel in it. */
export interface SamplerSupport {
  readonly supported: boolean;
  /** Why not. */
  readonly reason: Error | undefined;
  /**
   * The runtime carries labels itself (AsyncContextFrame); else an async hook does while sampling
   * is on.
   */
  readonly asyncContextFrame: boolean;
  /**
   * How far samples are independent of the work that they sample, as of the last start of sampling.
   * `undefined` before the first.
   */
  readonly fairness: Fairness | undefined;
}

export interface Parts {
  readonly sampler: Sampler & LabelSink;
  readonly labels: SamplerLabelStorage;
}

/** What all readers of this thread share. */
export function sharedParts(): Parts {
  return perThread('parts', () => {
    const storage = new AsyncLocalStorage<unknown>();
    const sampler = createSampler(storage);
    const labels = sampler.carriesLabels
      ? new AsyncContextFrameLabels(storage, sampler)
      : new AsyncHooksLabels(storage, sampler);
    return { sampler, labels };
  });
}

function createSampler(storage: AsyncLocalStorage<unknown>): Sampler & LabelSink {
  const { samplingIntervalMicros } = resolveCollectorOptions();
  try {
    return new DatadogSampler(storage, {
      samplingIntervalMicros,
      bufferMillis: 30_000,
      fair: true,
    });
  } catch (thrown) {
    return new UnavailableSampler(toError(thrown));
  }
}

/**
 * The collector of this thread. All who read profiles in a thread share it, so that none can
 * disturb another.
 *
 * @param options Used by the call that creates it. A later call that asks for something else gets
 *   the collector as it is, and a warning in its own logger.
 * @throws InvalidOptionError
 */
export function sharedCollector(options: CollectorOptions = {}): ProfileCollector {
  return collectorOfThread(options, (message, code) => process.emitWarning(message, { code }));
}

/**
 * Like {@link sharedCollector}.
 * @param warn Warns the user on stderr. `undefined`: another thread does.
 */
export function collectorOfThread(
  options: CollectorOptions,
  warn: CollectorParts['warn'],
): ProfileCollector {
  const wanted = resolveCollectorOptions(options);
  const collector = perThread('collector', () => {
    const { sampler, labels } = sharedParts();
    const origin = ownOrigin();
    const own = { sampler, labels, clock: systemClock, origin, ...(warn && { warn }) };
    if (!isMainThread) return new ProfileCollector(own, options);
    const otherThreads = new WorkerRegistry(acceptWorkers, systemClock, origin);
    return new ProfileCollector({ ...own, otherThreads }, options);
  });
  for (const key of [
    'samplingIntervalMicros',
    'windowMillis',
    'periodMillis',
    'fairSampling',
  ] as const) {
    if (options[key] !== undefined && wanted[key] !== collector.options[key]) {
      wanted.logger.warn(
        `rulescope: ${key} stays ${collector.options[key]}, not ${wanted[key]}: ` +
          'the collector of this thread was created before, with its own options',
      );
    }
  }
  return collector;
}

/** What the profiles of this thread say of where they come from. */
export function ownOrigin(): WindowOrigin {
  return {
    threadId,
    program: process.execPath,
    comments: [`rulescope ${VERSION}`, `Node.js ${process.versions.node}`],
  };
}

/** The label storage of this thread. */
export function sharedLabels(): LabelStorage {
  return sharedParts().labels;
}

/** Whether and how this thread can be sampled. Starts nothing. */
export function samplerSupport(): SamplerSupport {
  const { sampler } = sharedParts();
  const reason = sampler instanceof UnavailableSampler ? sampler.reason : undefined;
  const { carriesLabels: asyncContextFrame, fairness } = sampler;
  return { supported: reason === undefined, reason, asyncContextFrame, fairness };
}

/**
 * Calls `fn` with `labels` added to those of the running flow: samples of all that it does,
 * asynchronous work included, carry them. Returns or throws as `fn` does.
 */
export function runWithLabels<A extends unknown[], R>(
  labels: LabelSet,
  fn: (...args: A) => R,
  ...args: A
): R {
  const storage = sharedLabels();
  const outer = storage.currentLabelContext();
  const carrier = storage.createLabelContext({ ...outer?.labels, ...labels }, outer?.value);
  return storage.run(carrier, fn, ...args);
}

/** The labels of the running flow. */
export function getLabels(): LabelSet | undefined {
  return sharedLabels().currentLabelContext()?.labels;
}
