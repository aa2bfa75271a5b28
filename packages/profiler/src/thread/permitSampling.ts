import { isMainThread } from 'node:worker_threads';
import { type Logger, safeLogger } from '../base/logger';
import { keepSignalHandled } from '../sampler/guardSignal';
import { perThread, slotKey } from '../slot/threadSlot';
import { warnOnce } from '../slot/warnOnce';
import { WorkerConnection } from '../workers/WorkerConnection';
import { onMainThreadReady, handshakeSupported, connectToMainThread } from '../workers/connect';
import { collectorOfThread } from './sharedCollector';
import type { WorkerSampling } from './sampleWorker';
import { threadSampler } from './threadSampler';

/** Callers that have given permission in this thread, and the connection to the main thread. */
interface State {
  users: number;
  connection: WorkerConnection | undefined;
  close: (() => void) | undefined;
}

const WORKER = slotKey<State>('worker', 1);

/** Does what `sampleWorker` promises. */
export function permitSampling(logger: Logger): WorkerSampling {
  if (isMainThread) {
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
  const stopListening = onMainThreadReady(() => {
    if (state.connection?.answered) return;
    // A connection that was never answered went to code that does not know this protocol.
    state.connection?.close();
    const connection = new WorkerConnection(
      connectToMainThread(),
      ({ windowMillis, periodMillis, fairSampling }) =>
        collectorOfThread({ windowMillis, periodMillis, fairSampling, logger }),
      () => {
        if (state.connection === connection) state.connection = undefined;
      },
    );
    state.connection = connection;
  });
  const close = (): void => {
    process.removeListener('exit', close);
    stopListening();
    state.connection?.close();
    state.connection = undefined;
    state.close = undefined;
  };
  // Must run before the sampler's own exit listener, which would stop the sampler first.
  process.prependListener('exit', close);
  state.close = close;
}
