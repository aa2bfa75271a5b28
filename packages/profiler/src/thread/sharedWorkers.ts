import { systemClock } from '../collector/Clock';
import type { WindowOrigin } from '../model/ProfileWindow';
import { perThread, slotKey } from '../slot/threadSlot';
import { WorkerRegistry } from '../workers/WorkerRegistry';
import { acceptWorkers } from '../workers/connect';

const WORKERS = slotKey<WorkerRegistry>('workers', 1);

/**
 * Returns the connections of the main thread to its workers.
 * @param origin Origin of the main thread's windows.
 */
export function sharedWorkers(origin: WindowOrigin): WorkerRegistry {
  return perThread(WORKERS, () => new WorkerRegistry(acceptWorkers, systemClock, origin));
}
