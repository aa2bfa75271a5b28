import { once } from 'node:events';
import type { WorkerRecording } from '../../src/recording/WorkerRecording';
import type { WorkerRecordingOptions, Workers } from '../../src/recording/openWorkers';
import type { WorkerThread } from '../../src/workers/WorkerRegistry';
import { profileOf } from './profiles';

/** Workers whose recordings do what the test tells them to. */
export class FakeWorkers implements Workers {
  threads: WorkerThread[] = [];
  closed = 0;
  /** Why a recording does not start. */
  failure: Error | undefined;
  /** Holds the start of recordings until the test calls {@link begin}, and keeps others waiting. */
  slow = false;
  begin: () => void = () => undefined;
  /** Calls of {@link find} that wait. */
  waiting = 0;
  /** Holds the profile that was asked for until its recording is discarded. */
  holdsProfile = false;
  readonly recorded: [threadId: number, options: WorkerRecordingOptions][] = [];
  /** Comments of the profiles that were asked for. */
  readonly stopped: (readonly string[])[] = [];
  running = 0;
  /** Ends the last recording, as the end of its worker does. */
  end: (lost?: Error) => void = () => undefined;

  list(): readonly WorkerThread[] {
    return this.threads;
  }

  /** Waits for ever, or until `signal` aborts, if {@link slow}. */
  async find(threadId: number, signal?: AbortSignal): Promise<WorkerThread | undefined> {
    const found = this.threads.find((each) => each.threadId === threadId);
    if (found !== undefined || !this.slow || signal === undefined) return found;
    this.waiting++;
    await once(signal, 'abort');
    this.waiting--;
    throw signal.reason;
  }

  async record(threadId: number, options: WorkerRecordingOptions = {}): Promise<WorkerRecording> {
    this.recorded.push([threadId, options]);
    if (this.slow) await new Promise<void>((resolve) => (this.begin = resolve));
    if (this.failure !== undefined) throw this.failure;
    this.running++;
    let isOver = false;
    let lost: Error | undefined;
    let finish: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (finish = resolve));
    const leave = (): void => {
      if (!isOver) this.running--;
      isOver = true;
      finish();
    };
    this.end = (error) => {
      lost = error;
      leave();
    };
    return {
      over,
      stop: (comments = []) => {
        this.stopped.push(comments);
        if (this.holdsProfile) return over.then(() => Promise.reject(new Error('discarded')));
        leave();
        const labels = { rule: 'r1', thread: `worker-${threadId}` };
        const profile = profileOf({ samples: [{ stack: ['f'], labels, values: [threadId] }] });
        return lost ? Promise.reject(lost) : Promise.resolve(profile.encode());
      },
      discard: leave,
      [Symbol.dispose]: leave,
    };
  }

  close(): void {
    this.closed++;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
