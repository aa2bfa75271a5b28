import type { Consumer, ConsumerOptions, WindowCallback } from './Consumer';
import type { ProfileSpan } from './ProfileSpan';
import type { ResolvedCollectorOptions } from './options';

/**
 * The collector of a thread: cuts what the sampler records into windows and hands each window to
 * every consumer. Sampling runs while there is a consumer or an open span. Each of them gets
 * samples at the interval that it asked for or a shorter one, because all share one sampler.
 */
export interface ProfileCollector {
  readonly options: ResolvedCollectorOptions;
  /** Whether a window is open. */
  readonly running: boolean;
  /** Why the open window records nothing: the sampler did not start. */
  readonly startFailure: Error | undefined;
  /**
   * Registers a consumer. It gets the windows that begin from now on: the open window is closed at
   * once. On the main thread it also gets the windows of worker threads that called
   * `sampleWorker`; `window.origin.threadId` tells which thread a window is of.
   *
   * @param name Names the consumer in logs and metrics. Need not be unique.
   * @throws InvalidOptionError if `name` is empty, `callback` is not a function or an option is bad.
   */
  addConsumer(name: string, callback: WindowCallback, options?: ConsumerOptions): Consumer;
  /**
   * Opens a span. Unlike a consumer, a span gives one window for all of its time, synchronously,
   * and covers this thread only.
   *
   * @throws InvalidOptionError if an option is bad.
   */
  openSpan(options?: ConsumerOptions): ProfileSpan;
  /** Returns the name of each consumer, with the windows it missed and the calls that failed. */
  consumers(): { readonly name: string; readonly dropped: number; readonly failed: number }[];
  /** Closes the open window, if there is one, and opens the next. */
  rotate(): void;
}
