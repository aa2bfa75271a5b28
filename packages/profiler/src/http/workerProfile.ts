import { toError } from '../base/errors';
import { untilAborted } from '../base/untilAborted';
import { threadName } from '../model/threadName';
import type { WorkerRecordingOptions, Workers } from '../recording/openWorkers';
import type { WorkerThread } from '../workers/WorkerRegistry';
import {
  type EndpointHelp,
  type RecordingParts,
  recordingEnd,
  recordingFailed,
  throwIfDisconnected,
} from './endpoint';
import { HttpError } from './reply';

/** What the endpoints need to choose a thread. */
export interface ThreadParts extends RecordingParts {
  /** Id of this thread. */
  readonly threadId: number;
  readonly workers: Workers;
}

/** Workers that an error or the index page lists at most. */
const MAX_LISTED = 50;
const CAN_BE_CHOSEN =
  'A worker can be chosen if it called sampleWorker(), as RuleInstrumentation does';

/**
 * Returns the worker that the parameter `thread` chooses. `undefined` chooses this thread.
 *
 * @param name Such as `worker-3`, or only the id.
 * @throws HttpError 404 that lists the threads there are; the reason of `signal` when it aborts.
 */
export async function findWorker(
  name: string | undefined,
  { threadId, workers }: ThreadParts,
  signal: AbortSignal,
): Promise<WorkerThread | undefined> {
  if (name === undefined || name === threadName(threadId) || name === `${threadId}`) return;
  const [, id] = /^(?:worker-)?(\d{1,10})$/.exec(name) ?? [];
  const worker =
    id === undefined ? undefined : await untilAborted(workers.find(Number(id)), signal);
  if (worker !== undefined) return worker;
  const got = JSON.stringify(name.slice(0, 100));
  const threads = [threadName(threadId), ...describe(workers)].join(', ');
  throw new HttpError(404, `thread must be one of ${threads}; got ${got}. ${CAN_BE_CHOSEN}`);
}

/** Returns what the index page says about the parameter `thread`. */
export function threadHelp({ workers }: ThreadParts): EndpointHelp['parameters'][number] {
  const threads = describe(workers).join(', ') || 'none now';
  return {
    usage: 'thread=worker-N',
    meaning: `That worker thread instead of this one: ${threads}. ${CAN_BE_CHOSEN}.`,
  };
}

/**
 * Records in a worker.
 *
 * @returns the profile in pprof's format. It is shorter than `seconds`, and a comment says so, if the
 *   server shuts down or the worker ends.
 * @throws HttpError 503 with the reason, if there is no profile.
 */
export async function recordWorker(
  { threadId }: WorkerThread,
  options: WorkerRecordingOptions,
  seconds: number,
  signal: AbortSignal,
  { workers, clock }: ThreadParts,
): Promise<Uint8Array> {
  const starting = workers.record(threadId, options);
  starting.then(
    (recording) => signal.aborted && recording.discard(),
    () => undefined,
  );
  const recording = await untilAborted(starting.catch(asHttpError), signal);
  const end = new AbortController();
  const abort = (): void => end.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  void recording.over.then(abort);
  try {
    const comments = await recordingEnd(seconds, end.signal, clock);
    throwIfDisconnected(signal);
    return await recording.stop(comments).catch(asHttpError);
  } finally {
    signal.removeEventListener('abort', abort);
    recording.discard();
  }
}

function asHttpError(thrown: unknown): never {
  throw recordingFailed(toError(thrown));
}

function describe(workers: Workers): string[] {
  const all = workers.list();
  const shown = all
    .slice(0, MAX_LISTED)
    .map(({ threadId, name }) => `${threadName(threadId)} (${name.slice(0, 100)})`);
  return all.length > MAX_LISTED ? [...shown, `${all.length - MAX_LISTED} more`] : shown;
}
