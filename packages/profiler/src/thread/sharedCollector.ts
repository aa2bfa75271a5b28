import { isMainThread, threadId } from 'node:worker_threads';
import { VERSION } from '../base/version';
import { systemClock } from '../collector/Clock';
import type { ProfileCollector } from '../collector/ProfileCollector';
import { type CollectorParts, ThreadCollector } from '../collector/ThreadCollector';
import { type CollectorOptions, resolveCollectorOptions } from '../collector/options';
import type { WindowOrigin } from '../model/ProfileWindow';
import { ofThread, perThread, slotKey } from '../slot/threadSlot';
import { WorkerRegistry } from '../workers/WorkerRegistry';
import { acceptWorkers } from '../workers/handshake';
import { labelStorage } from './threadLabels';
import { threadSampler } from './threadSampler';

const COLLECTOR = slotKey<ThreadCollector>('collector', 1);

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
): ThreadCollector {
  const wanted = resolveCollectorOptions(options);
  const collector = perThread(COLLECTOR, () => {
    const sampler = threadSampler();
    const labels = labelStorage();
    const origin = windowOrigin();
    const own = { sampler, labels, clock: systemClock, origin, ...(warn && { warn }) };
    if (!isMainThread) return new ThreadCollector(own, options);
    const otherThreads = new WorkerRegistry(acceptWorkers, systemClock, origin);
    return new ThreadCollector({ ...own, otherThreads }, options);
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

/** Returns the collector of this thread, or `undefined` if nobody asked for one yet. */
export function currentCollector(): ThreadCollector | undefined {
  return ofThread(COLLECTOR);
}

/** What the profiles of this thread say of where they come from. */
export function windowOrigin(): WindowOrigin {
  return {
    threadId,
    program: process.execPath,
    comments: [`rulescope ${VERSION}`, `Node.js ${process.versions.node}`],
  };
}
