import { isMainThread } from 'node:worker_threads';
import { isFlagRaised, raiseFlag } from '@rulescope/profiler/internal';

/** Notes that this thread has metrics. Those of the main thread include its workers. */
export function noteThatThreadMeasures(): void {
  if (isMainThread) raiseFlag('measures');
}

/** Returns whether this is a worker whose CPU is in the metrics of the main thread. */
export function isMeasuredElsewhere(): boolean {
  return !isMainThread && isFlagRaised('measures');
}

/** Notes that this thread exports profiles. Those of the main thread include its workers. */
export function noteThatThreadExports(): void {
  if (isMainThread) raiseFlag('exportsProfiles');
}

/** Returns whether this is a worker whose profiles the main thread exports. */
export function isExportedElsewhere(): boolean {
  return !isMainThread && isFlagRaised('exportsProfiles');
}
