import type { Consumer, ConsumerOptions, WindowCallback } from './Consumer';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { ProfileSpan } from './ProfileSpan';
import type { ResolvedCollectorOptions } from './options';

/** Windows of a thread as they close, for one reader. */
export interface WindowStream {
  /** Ends the stream. Closes the open window at once and hands it over as the last one. */
  close(): void;
  /** Closes the stream. */
  [Symbol.dispose](): void;
}

/**
 * The collector of a thread. It cuts the sampler's recording into windows and hands each window to
 * every consumer. Sampling runs while there is a consumer or an open span. All of them share one
 * sampler, which runs at the shortest interval that any of them asked for.
 */
export interface ProfileCollector {
  readonly options: ResolvedCollectorOptions;
  /** Whether a window is open. */
  readonly running: boolean;
  /** Time since the open window began, milliseconds. `undefined` if no window is open. */
  readonly windowAgeMillis: number | undefined;
  /** Why the sampler did not start, if the open window records nothing for that reason. */
  readonly startFailure: Error | undefined;
  /**
   * Registers a consumer. Closes the open window at once, so that the consumer gets the windows
   * that begin from now on. On the main thread it also gets the windows of worker threads that
   * called `sampleWorker`; `window.origin.threadId` identifies the thread.
   *
   * @param name Name of the consumer in logs and metrics. It need not be unique.
   * @throws InvalidOptionError if `name` is not a non-empty string, `callback` is not a function,
   *   or an option is unknown or out of range.
   */
  addConsumer(name: string, callback: WindowCallback, options?: ConsumerOptions): Consumer;
  /**
   * Opens a span. A span differs from a consumer in three ways: it returns one window for its whole
   * time, it returns it synchronously, and it covers only this thread.
   *
   * @throws InvalidOptionError if an option is unknown or out of range.
   */
  openSpan(options?: ConsumerOptions): ProfileSpan;
  /**
   * Calls `callback` with each window of this thread from now on, at once when it closes and without
   * pauses between windows. For readers of long profiles: a span keeps all samples until it ends.
   * An error that `callback` throws is logged.
   *
   * @throws InvalidOptionError if `callback` is not a function, or an option is unknown or out of
   *   range.
   */
  openStream(callback: (window: ProfileWindow) => void, options?: ConsumerOptions): WindowStream;
  /**
   * Returns each consumer's name, the number of windows it missed and the number of calls that
   * failed.
   */
  consumers(): { readonly name: string; readonly dropped: number; readonly failed: number }[];
  /**
   * Returns the windows missed by the name of the consumer since the collector was created, removed
   * consumers included. No value ever falls. After 100 names, further names count as `other`.
   */
  droppedWindows(): ReadonlyMap<string, number>;
  /** Closes the open window, if there is one, and opens the next. */
  rotate(): void;
  /**
   * Closes the open windows of this thread and of all sampled workers, and hands them to the
   * consumers. Call it before the process ends or its data is read.
   *
   * @param timeoutMillis Longest wait for workers and consumers, 0 to 600,000. Default 1,000. A
   *   worker whose event loop is blocked cannot close its window in time.
   * @returns A promise that fulfills when all consumers have handled these windows, or when the time
   *   is over. It never rejects, and keeps the process alive until then.
   * @throws InvalidOptionError if `timeoutMillis` is out of range.
   */
  forceFlush(timeoutMillis?: number): Promise<void>;
}
