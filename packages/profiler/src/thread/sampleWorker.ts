import { isMainThread } from 'node:worker_threads';
import { type Logger, safeLogger, silentLogger } from '../base/logger';
import { collectorOfThread } from './sharedCollector';
import { perThread, slotKey } from '../slot/threadSlot';
import { WorkerConnection } from '../workers/WorkerConnection';
import { onMainThreadReady, handshakeSupported, connectToMainThread } from '../workers/handshake';

/** A worker's consent to be sampled. */
export interface WorkerSampling {
  /** Takes it back: the window under way is closed at once and sent. Further calls do nothing. */
  stop(): void;
  /** Stops it. */
  [Symbol.dispose](): void;
}

/** Who has consented in this thread, and what came of it. */
interface State {
  users: number;
  line: WorkerConnection | undefined;
  close: (() => void) | undefined;
}

const WORKER = slotKey<State>('worker', 1);

/**
 * To be called in a worker thread: lets the main thread sample it. While a consumer is registered with the main thread's collector, this
 * thread is sampled in windows of the same length, and they go to all consumers there. Otherwise nothing happens
 * here. Neither thread is kept alive. On the main thread it does nothing.
 *
 * Needs Node.js 20.19 or 22.5; on older ones there is a warning in `logger`, and nothing is sampled.
 *
 * @param logger Where failures are reported. Default: nowhere.
 */
export function sampleWorker(logger: Logger = silentLogger): WorkerSampling {
  if (isMainThread) return sampling(() => undefined);
  if (!handshakeSupported) {
    safeLogger(logger).warn(
      `rulescope: worker threads are sampled from Node.js 20.19 and 22.5 on, this is ${process.version}`,
    );
    return sampling(() => undefined);
  }
  const state = perThread(WORKER, () => ({ users: 0, line: undefined, close: undefined }));
  if (state.users++ === 0) open(state, logger);
  let stopped = false;
  return sampling(() => {
    if (!stopped && --state.users === 0) state.close?.();
    stopped = true;
  });
}

function sampling(stop: () => void): WorkerSampling {
  return { stop, [Symbol.dispose]: stop };
}

function open(state: State, logger: Logger): void {
  const stopListening = onMainThreadReady(() => {
    if (state.line?.answered) return;
    // One that was never answered went to somebody who did not know what it was.
    state.line?.close();
    const line = new WorkerConnection(
      connectToMainThread(),
      ({ windowMillis, periodMillis, fairSampling }) =>
        // One warning for the process: the main thread has the same reason, and warns of it.
        collectorOfThread({ windowMillis, periodMillis, fairSampling, logger }, undefined),
      () => {
        if (state.line === line) state.line = undefined;
      },
    );
    state.line = line;
  });
  const close = (): void => {
    process.removeListener('exit', close);
    stopListening();
    state.line?.close();
    state.line = undefined;
    state.close = undefined;
  };
  // Before the sampler's own, which would stop it under us.
  process.prependListener('exit', close);
  state.close = close;
}
