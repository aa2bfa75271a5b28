import { type Logger, silentLogger } from '../base/logger';
import type * as permission from './permitSampling';

/** Permission to sample this worker. */
export interface WorkerSampling {
  /**
   * Withdraws the permission. Closes the open window at once and sends it. Further calls do
   * nothing.
   */
  stop(): void;
  /** Stops the sampling. */
  [Symbol.dispose](): void;
}

/**
 * Lets the main thread sample this worker thread. While the main thread's collector has a consumer,
 * this thread is sampled in windows of the same length, and all consumers there get them. Otherwise
 * nothing is sampled. Neither thread is kept alive. On the main thread the call samples nothing.
 *
 * Needs Node.js 20.19 or later, or 22.5 or later. On older versions nothing is sampled, and a
 * warning on stderr (code `RULESCOPE_NO_WORKERS`) and in `logger` says so.
 *
 * @param logger Receives failures and warnings. Default: no logging.
 */
export function sampleWorker(logger: Logger = silentLogger): WorkerSampling {
  // Loaded on first use: most modules of an application only enter labels.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { permitSampling } = require('./permitSampling') as typeof permission;
  return permitSampling(logger);
}
