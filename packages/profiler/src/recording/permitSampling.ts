import { basename } from 'node:path';
import * as threads from 'node:worker_threads';
import { type Logger, safeLogger } from '../base/logger';
import { keepSignalHandled } from '../sampler/guardSignal';
import { perThread, slotKey } from '../slot/threadSlot';
import { warnOnce } from '../slot/warnOnce';
import { collectorOfThread } from '../thread/sharedCollector';
import { threadSampler } from '../thread/threadSampler';
import { WorkerConnection } from '../workers/WorkerConnection';
import { onMainThreadReady, handshakeSupported, connectToMainThread } from '../workers/connect';
import { RecordingServer } from './RecordingServer';
import type { WorkerSampling } from './sampleWorker';

/** Callers that have given permission in this thread, and the connection to the main thread. */
interface State {
  users: number;
  connection: WorkerConnection | undefined;
  close: (() => void) | undefined;
}

const WORKER = slotKey<State>('worker', 1);

/** Does what `sampleWorker` promises. */
export function permitSampling(logger: Logger): WorkerSampling {
  if (threads.isMainThread) {
    keepSignalHandled();
    return sampling(() => undefined);
  }
  if (!handshakeSupported) {
    const message =
      'rulescope: worker threads are not sampled: that needs Node.js 20.19 or later, or 22.5 or ' +
      `later, and this is ${process.version}`;
    safeLogger(logger).warn(message);
    warnOnce(message, 'RULESCOPE_NO_WORKERS');
    return sampling(() => undefined);
  }
  const state = perThread(WORKER, () => ({ users: 0, connection: undefined, close: undefined }));
  // Loads the sampler: labels entered from now on are there from the first sample.
  threadSampler();
  if (state.users++ === 0) connectWhenReady(state, logger);
  let stopped = false;
  return sampling(() => {
    if (!stopped && --state.users === 0) state.close?.();
    stopped = true;
  });
}

function sampling(stop: () => void): WorkerSampling {
  return { stop, [Symbol.dispose]: stop };
}

function connectWhenReady(state: State, logger: Logger): void {
  const recordings = new RecordingServer(logger);
  const stopListening = onMainThreadReady(() => {
    if (state.connection?.answered) return;
    // A connection that was never answered went to code that does not know this protocol.
    state.connection?.close();
    const connection = new WorkerConnection(
      connectToMainThread(nameOfThread()),
      ({ windowMillis, periodMillis, fairSampling }) =>
        collectorOfThread({ windowMillis, periodMillis, fairSampling, logger }),
      (message) => recordings.serve(message),
      () => {
        if (state.connection === connection) state.connection = undefined;
      },
    );
    state.connection = connection;
  });
  const exit = (): void => close('the thread ended');
  const close = (reason: string): void => {
    process.removeListener('exit', exit);
    stopListening();
    recordings.end(reason);
    state.connection?.close();
    state.connection = undefined;
    state.close = undefined;
  };
  // Must run before the sampler's own exit listener, which would stop the sampler first.
  process.prependListener('exit', exit);
  state.close = () => close('the thread withdrew its permission to be sampled');
}

/** The name of a worker that its creator gave none, in Node.js 24 and 26. */
const UNNAMED = 'WorkerThread';

/** Returns the name of this thread, if Node.js tells it, or else the name of its file. */
function nameOfThread(): string {
  const { threadName } = threads as { readonly threadName?: string };
  return threadName && threadName !== UNNAMED ? threadName : basename(process.argv[1] ?? '');
}
