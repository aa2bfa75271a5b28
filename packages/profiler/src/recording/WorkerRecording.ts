import { MessageChannel } from 'node:worker_threads';
import { SamplerUnavailableError } from '../base/errors';
import { timers } from '../base/timers';
import type {
  RecordMessage,
  RecordingMessage,
  RecordingRequest,
  StopMessage,
} from '../workers/messages';

/** A profile of a worker thread that is being recorded there. */
export interface WorkerRecording {
  /**
   * Fulfills when the recording is over: its profile is here, or there will be none. That can be
   * before {@link stop}, because the worker can end.
   */
  readonly over: Promise<void>;
  /**
   * Ends the recording.
   *
   * @param comments Comments to add to the profile.
   * @returns A promise of the profile in pprof's format, not compressed. Its samples have the label
   *   `thread`, such as `worker-3`. If the worker ended by itself, the profile is what it had until
   *   then, and a comment says so. Further calls return the same profile. The promise rejects with
   *   a `SamplerUnavailableError` if the recording failed, if the worker was terminated, or if it
   *   does not answer for ten seconds because its event loop is blocked. Once it has answered, it
   *   builds the profile in turns with its other work, however long that takes.
   */
  stop(comments?: readonly string[]): Promise<Uint8Array>;
  /** Ends the recording without a profile. Does nothing if it is over. */
  discard(): void;
  /** Does the same as {@link discard}. */
  [Symbol.dispose](): void;
}

/** Longest wait for an answer of a worker: one whose event loop is blocked cannot answer. */
const ANSWER_MILLIS = 10_000;

/**
 * Starts to record in a worker. Fulfills when the worker has begun.
 *
 * @param name Name of the worker in errors.
 * @param send Sends the message to the worker.
 * @param answerMillis Longest wait for an answer.
 * @throws SamplerUnavailableError if the worker cannot record this, ends, or does not answer.
 */
export async function startWorkerRecording(
  name: string,
  request: RecordingRequest,
  send: (message: RecordMessage) => void,
  answerMillis = ANSWER_MILLIS,
): Promise<WorkerRecording> {
  const { port1: port, port2 } = new MessageChannel();
  const askedMillis = timers.monotonicMillis();
  let begin: () => void = () => undefined;
  let acknowledge: () => void = () => undefined;
  let finish: (bytes: Uint8Array) => void = () => undefined;
  let fail: (reason: string) => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const stopped = new Promise<void>((resolve) => (acknowledge = resolve));
  const profile = new Promise<Uint8Array>((resolve, reject) => {
    finish = resolve;
    fail = (reason) => reject(new SamplerUnavailableError(`${name} ${reason}`));
  });
  const ignore = (): void => undefined;
  const over = profile.then(ignore, ignore).then(() => port.close());
  port.on('message', (message: RecordingMessage) => {
    switch (message.kind) {
      case 'started':
        return begin();
      case 'stopped':
        return acknowledge();
      case 'profile':
        return finish(message.bytes);
      case 'failed':
        return fail(`cannot record this: ${message.message}`);
    }
  });
  port.on('close', () => {
    const seconds = ((timers.monotonicMillis() - askedMillis) / 1000).toFixed(1);
    fail(`ended or was terminated ${seconds} s after the request, and its profile is lost`);
  });
  port.unref();

  async function answered(answer: Promise<void>): Promise<void> {
    const timer = timers.setTimeout(
      () => fail(`did not answer for ${answerMillis / 1000} s: its event loop is blocked`),
      answerMillis,
    );
    try {
      await Promise.race([answer, profile]);
    } finally {
      timers.clearTimeout(timer);
    }
  }

  send({ kind: 'record', request, port: port2 });
  await answered(begun);
  const discard = (): void => fail('records no longer: the recording was discarded');
  return {
    over,
    async stop(comments = []) {
      port.postMessage({ comments } satisfies StopMessage);
      // The caller waits: a process that has nothing else to do must not end.
      port.ref();
      await answered(stopped);
      return profile;
    },
    discard,
    [Symbol.dispose]: discard,
  };
}
