import { isMainThread, threadId } from 'node:worker_threads';
// Takes the timers now. The collector, which uses them, is loaded later.
import '../base/timers';
import { VERSION } from '../base/version';
import type { ProfileCollector } from '../collector/ProfileCollector';
import type { ThreadCollector } from '../collector/ThreadCollector';
import { type CollectorOptions, resolveCollectorOptions } from '../collector/options';
import type { WindowOrigin } from '../model/ProfileWindow';
import { perThread, slotKey } from '../slot/threadSlot';
import { raiseFlag } from '../slot/warnOnce';
import type * as factory from './createCollector';
import { THREAD_VERSION } from './threadLabels';
import { readerAdded } from './threadSetup';

const COLLECTOR = slotKey<ThreadCollector>('collector', THREAD_VERSION);

/**
 * Returns the collector of this thread; the first call creates it. All readers in a thread share
 * it, so that no reader disturbs another.
 *
 * @param options Take effect only in the call that creates the collector. A later call with other
 *   options gets the same collector, and a warning in its own logger.
 * @throws InvalidOptionError if an option is unknown or out of range.
 */
export function sharedCollector(options: CollectorOptions = {}): ProfileCollector {
  return collectorOfThread(options);
}

/** Does the same as {@link sharedCollector}, and returns the class. */
export function collectorOfThread(options: CollectorOptions): ThreadCollector {
  const wanted = resolveCollectorOptions(options);
  readerAdded();
  if (isMainThread) raiseFlag('collects');
  const collector = perThread(COLLECTOR, () => {
    // Loaded on first use: most modules of an application only enter labels.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { createCollector } = require('./createCollector') as typeof factory;
    return createCollector(options, windowOrigin());
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
          'the collector of this thread already exists and keeps its options',
      );
    }
  }
  return collector;
}

/** Checks options of a collector without creating it. @throws InvalidOptionError for a wrong one. */
export function checkCollectorOptions(options: CollectorOptions): void {
  resolveCollectorOptions(options);
}

/** Returns the origin of this thread's windows. */
export function windowOrigin(): WindowOrigin {
  return {
    threadId,
    program: process.execPath,
    comments: [`rulescope ${VERSION}`, `Node.js ${process.versions.node}`],
  };
}
