import { isMainThread } from 'node:worker_threads';
import { systemClock } from '../collector/Clock';
import { ThreadCollector } from '../collector/ThreadCollector';
import type { CollectorOptions } from '../collector/options';
import type { WindowOrigin } from '../model/ProfileWindow';
import { warnOnce } from '../slot/warnOnce';
import { sharedWorkers } from './sharedWorkers';
import { labelStorage } from './threadLabels';
import { threadSampler } from './threadSampler';

/** Creates the collector of this thread. On the main thread it also reads worker threads. */
export function createCollector(options: CollectorOptions, origin: WindowOrigin): ThreadCollector {
  const sampler = threadSampler();
  const labels = labelStorage();
  const parts = { sampler, labels, clock: systemClock, origin, warn: warnOnce };
  const workers = isMainThread && sharedWorkers(origin);
  const collector = new ThreadCollector({ ...parts, ...(workers && { workers }) }, options);
  sampler.user = collector;
  return collector;
}
