import { Profile as PprofProfile } from 'pprof-format';
import { toError } from '../base/errors';
import { inTurns } from '../base/inTurns';
import { untilAborted } from '../base/untilAborted';
import type { Clock } from '../collector/Clock';
import { threadName } from '../model/threadName';
import type { Profile } from '../pprof/Profile';
import type { WorkerRecordingOptions, Workers } from '../recording/openWorkers';
import { mapSourcesInSteps } from '../report/mapSources';
import { sourceMapLookup } from '../report/sourceMapLookup';
import type { WorkerThread } from '../workers/WorkerRegistry';
import type { ConcurrencyLimit } from './accessControl';
import { DISCONNECTED, type EndpointHelp, HttpError } from './endpoint';

/** What all endpoints that record need. */
export interface RecordingParts {
  readonly clock: Clock;
  readonly limit: ConcurrencyLimit;
  /** Returns why nothing can ever be sampled in this thread: the native code does not load. */
  readonly whyUnsupported: () => Error | undefined;
  readonly maxSeconds: number;
  /** Id of this thread. */
  readonly threadId: number;
  readonly workers: Workers;
}

/** Returns the error for a thread in which nothing can ever be sampled. */
export function unsupported({ whyUnsupported }: RecordingParts): HttpError | undefined {
  const reason = whyUnsupported();
  return reason && new HttpError(501, reason.message);
}

/** Returns what `action` returns. @throws HttpError 503 when it throws. */
export function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw recordingFailed(toError(thrown));
  }
}

/** Returns the error for a recording that failed, for now: another request may succeed. */
export function recordingFailed({ message }: { readonly message: string }): HttpError {
  return new HttpError(503, `the recording failed: ${message}`);
}

/**
 * Resolves after `seconds`, or as soon as `signal` aborts. Never rejects, so that the caller can
 * stop what it records.
 *
 * @returns the comments for the profile: one when the recording ended early.
 */
export async function recordingEnd(
  seconds: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<string[]> {
  const startMillis = clock.now().monotonicMillis;
  let cancel: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (cancel = clock.after(seconds * 1000, resolve)));
  try {
    await untilAborted(ended, signal);
    return [];
  } catch (reason) {
    const elapsed = ((clock.now().monotonicMillis - startMillis) / 1000).toFixed(1);
    return [`ended after ${elapsed} s of ${seconds} s: ${toError(reason).message}`];
  } finally {
    cancel();
  }
}

/** @throws DISCONNECTED when nobody waits for the profile any more. */
export function throwIfDisconnected(signal: AbortSignal): void {
  if (signal.reason === DISCONNECTED) throw DISCONNECTED;
}

/** Workers that an error or the index page lists at most. */
const MAX_LISTED = 50;
const CAN_BE_CHOSEN =
  'A worker can be chosen if it called sampleWorker(), as RuleInstrumentation does';

/**
 * Returns the worker that the parameter `thread` chooses. `undefined` chooses this thread.
 *
 * @param name Such as `worker-3`, or only the id.
 * @throws HttpError 404 that lists the threads there are; 429 when too many recordings are running;
 *   the reason of `signal` when it aborts.
 */
export async function findWorker(
  name: string | undefined,
  { threadId, workers, limit }: RecordingParts,
  signal: AbortSignal,
): Promise<WorkerThread | undefined> {
  if (name === undefined || name === threadName(threadId) || name === `${threadId}`) return;
  const [, id] = /^(?:worker-)?(\d{1,10})$/.exec(name) ?? [];
  // A wait counts as a recording, so that waits for workers that do not exist cannot pile up.
  const find = (): Promise<WorkerThread | undefined> => workers.find(Number(id), signal);
  const worker = id === undefined ? undefined : await limit.run(0, find);
  if (worker !== undefined) return worker;
  const got = JSON.stringify(name.slice(0, 100));
  const threads = [threadName(threadId), ...describe(workers)].join(', ');
  throw new HttpError(404, `thread must be one of ${threads}; got ${got}. ${CAN_BE_CHOSEN}`);
}

/** Returns what the index page says about the parameter `thread`. */
export function threadHelp({ workers }: RecordingParts): EndpointHelp['parameters'][number] {
  const threads = describe(workers).join(', ') || 'none now';
  return {
    usage: 'thread=worker-N',
    meaning: `That worker thread instead of this one: ${threads}. ${CAN_BE_CHOSEN}.`,
  };
}

/**
 * Records in a worker.
 *
 * @returns the profile in pprof's format. It is shorter than `seconds`, and a comment says so, if
 *   the server shuts down or the worker ends.
 * @throws HttpError 503 with the reason, if there is no profile.
 */
export async function recordWorker(
  { threadId }: WorkerThread,
  options: WorkerRecordingOptions,
  seconds: number,
  signal: AbortSignal,
  { workers, clock }: RecordingParts,
): Promise<Uint8Array> {
  const starting = workers.record(threadId, options);
  starting.then(
    (recording) => signal.aborted && recording.discard(),
    () => undefined,
  );
  const recording = await untilAborted(starting.catch(asHttpError), signal);
  const end = new AbortController();
  const abort = (): void => {
    if (signal.reason === DISCONNECTED) recording.discard();
    end.abort(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  void recording.over.then(() => end.abort(new Error('the recording in the worker is over')));
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
  const toText = ({ threadId, name }: WorkerThread): string =>
    `${threadName(threadId)} (${name.slice(0, 100)})`;
  return shorten(workers.list().map(toText), MAX_LISTED);
}

/** Returns the first `max` of `all`, and how many more there are. */
export function shorten(all: readonly string[], max: number): string[] {
  const shown = all.slice(0, max);
  if (all.length > max) shown.push(`${all.length - max} more`);
  return shown;
}

/** What the index page says about the parameter `sources`. */
export const SOURCES_HELP: EndpointHelp['parameters'][number] = {
  usage: 'sources=1',
  meaning: 'Names, files and lines of the sources, such as TypeScript, by the source maps on disk.',
};

/**
 * Returns `profile` with the places of the original sources, by the source maps on disk. A place
 * without a map stays as it is. Reads the scripts and maps of all places synchronously.
 *
 * @param profile A profile, or its encoding.
 */
export function mapToSources(profile: Profile | Uint8Array): Promise<Profile> {
  const decoded = profile instanceof Uint8Array ? PprofProfile.decode(profile) : profile;
  return inTurns(mapSourcesInSteps(decoded, sourceMapLookup()));
}
