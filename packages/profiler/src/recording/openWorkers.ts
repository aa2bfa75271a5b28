import { isMainThread } from 'node:worker_threads';
import { atMost } from '../base/atMost';
import { SamplerUnavailableError } from '../base/errors';
import { integerInRange, knownKeys, oneOf } from '../base/validate';
import { resolveReaderOptions } from '../collector/options';
import { resolveHeapOptions } from '../heap/options';
import { threadName } from '../model/threadName';
import { collectorOfThread, windowOrigin } from '../thread/sharedCollector';
import { sharedWorkers } from '../thread/sharedWorkers';
import type { WorkerRegistry, WorkerThread } from '../workers/WorkerRegistry';
import { handshakeSupported } from '../workers/connect';
import type { RecordingKind } from '../workers/messages';
import { type WorkerRecording, startWorkerRecording } from './WorkerRecording';

/** What to record in a worker thread. */
export interface WorkerRecordingOptions {
  /**
   * What the profile shows:
   *
   * - `cpu`, the default: CPU with labels, as `toPprof` describes it;
   * - `lines`: lines, as `startLineProfile` describes it;
   * - `heap`: memory in use that was allocated during the recording;
   * - `allocs`: all memory allocated during the recording. Needs Node.js 26 or later.
   */
  readonly kind?: RecordingKind;
  /** Of `cpu` and `lines`: mean time between two samples, microseconds, 1,000 to 1,000,000. */
  readonly samplingIntervalMicros?: number;
  /** Of `heap` and `allocs`: see `HeapOptions`. */
  readonly intervalBytes?: number;
}

/** The worker threads that can be sampled: they called `sampleWorker`. */
export interface Workers {
  /** Returns the workers that are connected now. A worker connects shortly after it starts. */
  list(): readonly WorkerThread[];
  /**
   * Returns the worker with this id. Waits up to five seconds for it to connect; `undefined`: there
   * is none.
   *
   * @param signal Ends the wait when it aborts. The promise then rejects with its reason.
   */
  find(threadId: number, signal?: AbortSignal): Promise<WorkerThread | undefined>;
  /**
   * Starts to record a profile in a worker. Fulfills when the worker has begun.
   *
   * @param threadId Id of the worker, as in `node:worker_threads`.
   * @throws InvalidOptionError if an option is unknown or out of range.
   * @throws SamplerUnavailableError if there is no such worker, or if it cannot record this, ends,
   *   or does not answer for ten seconds because its event loop is blocked.
   */
  record(threadId: number, options?: WorkerRecordingOptions): Promise<WorkerRecording>;
  /** Accepts no further workers for this caller. Recordings go on. Further calls do nothing. */
  close(): void;
  /** Does what {@link close} does, at the end of a `using` block. */
  [Symbol.dispose](): void;
}

const CONNECT_MILLIS = 5_000;
const KINDS: readonly RecordingKind[] = ['cpu', 'lines', 'heap', 'allocs'];

/**
 * Opens access to the worker threads of this process that called `sampleWorker`, also where nothing
 * else samples them. Keeps a thread alive only while a caller waits. Only the main thread has
 * access: elsewhere, and before Node.js 20.19 and 22.5, there are no workers.
 */
export function openWorkers(): Workers {
  if (!isMainThread || !handshakeSupported) return workersOf(undefined);
  return workersOf(sharedWorkers(windowOrigin()));
}

function workersOf(registry: WorkerRegistry | undefined): Workers {
  const close = registry?.hold() ?? (() => undefined);
  const list = (): readonly WorkerThread[] => registry?.workers ?? [];
  const connected = (threadId: number): WorkerThread | undefined =>
    list().find((worker) => worker.threadId === threadId);

  async function find(threadId: number, signal?: AbortSignal): Promise<WorkerThread | undefined> {
    integerInRange('threadId', threadId, 0, Number.MAX_SAFE_INTEGER);
    signal?.throwIfAborted();
    // The main thread, which has the id 0, is no worker.
    if (registry === undefined || threadId === 0) return undefined;
    if (connected(threadId) !== undefined) return connected(threadId);
    let stopListening = (): void => undefined;
    const appearedOrAborted = new Promise<void>((resolve) => {
      const abort = (): void => resolve();
      const removeListener = registry.onConnected(() => {
        if (connected(threadId) !== undefined) resolve();
      });
      signal?.addEventListener('abort', abort);
      stopListening = () => {
        removeListener();
        signal?.removeEventListener('abort', abort);
      };
    });
    await atMost(CONNECT_MILLIS, appearedOrAborted);
    stopListening();
    signal?.throwIfAborted();
    return connected(threadId);
  }

  async function record(
    threadId: number,
    options: WorkerRecordingOptions = {},
  ): Promise<WorkerRecording> {
    const { kind, ...intervals } = resolveRecordingOptions(options);
    const name = threadName(threadId);
    if ((await find(threadId)) === undefined) {
      const names = list().map((worker) => threadName(worker.threadId));
      throw new SamplerUnavailableError(
        `there is no ${name} that called sampleWorker(); there are: ${names.join(', ') || 'none'}`,
      );
    }
    const { windowMillis, periodMillis, fairSampling } = collectorOfThread({}).options;
    const collector = { windowMillis, periodMillis, fairSampling };
    return startWorkerRecording(name, { kind, ...intervals, collector }, (message) =>
      registry?.record(threadId, message),
    );
  }
  return { list, find, record, close, [Symbol.dispose]: close };
}

function resolveRecordingOptions(
  options: WorkerRecordingOptions,
): WorkerRecordingOptions & { readonly kind: RecordingKind } {
  const keys = ['kind', 'samplingIntervalMicros', 'intervalBytes'] as const;
  knownKeys('WorkerRecordingOptions', options, keys);
  const { kind = 'cpu', samplingIntervalMicros, intervalBytes } = options;
  if (samplingIntervalMicros !== undefined) resolveReaderOptions({ samplingIntervalMicros });
  if (intervalBytes !== undefined) resolveHeapOptions({ intervalBytes });
  return { ...options, kind: oneOf('kind', kind, KINDS) };
}
