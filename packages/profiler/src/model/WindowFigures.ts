import type { ProfileWindow } from './ProfileWindow';
import { isContended } from './scheduling';

/** All of a window but its samples. */
type Figures = Omit<ProfileWindow, 'root' | 'parts'>;

/**
 * Sums the figures of consecutive windows of one thread, as `mergeWindows` describes it. Keeps no
 * window but the first, and no samples.
 */
export class WindowFigures {
  /** Number of windows. */
  count = 0;
  private first: ProfileWindow | undefined;
  private sequence = 0;
  private endTime = 0;
  private endMonotonicMillis = 0;
  private durationMillis = 0;
  private samplingIntervalMicros = Infinity;
  private readonly cpu = { processSeconds: 0, threadSeconds: 0, otherThreadsSeconds: 0 };
  private readonly workers = new Set<number>();
  private readonly samples = { taken: 0, lost: 0 };
  private incomplete: Pick<ProfileWindow, 'incompleteReason'> | undefined;
  /** Whether a window has samples, so that not all of them failed. */
  private sampled = false;
  private fair = true;
  private hits = 0;
  private expectedHits = 0;
  private waitSeconds: number | undefined = 0;
  private timeslices: number | undefined = 0;
  private pauseSeconds = 0;

  /** @throws {RangeError} if the window is of another thread than the windows before it. */
  add(window: ProfileWindow): void {
    const { origin } = (this.first ??= window);
    if (window.origin.threadId !== origin.threadId) {
      throw new RangeError(
        `windows must be of one thread; got threads ${origin.threadId} and ${window.origin.threadId}`,
      );
    }
    const { cpu, samples, quality, samplingIntervalMicros } = window;
    this.count++;
    this.sequence = window.sequence;
    this.endTime = window.endTime;
    this.endMonotonicMillis = window.endMonotonicMillis;
    this.durationMillis += window.durationMillis;
    this.samplingIntervalMicros = Math.min(this.samplingIntervalMicros, samplingIntervalMicros);
    this.cpu.processSeconds += cpu.processSeconds;
    this.cpu.threadSeconds += cpu.threadSeconds;
    this.cpu.otherThreadsSeconds += cpu.otherThreadsSeconds;
    for (const threadId of window.workers ?? []) this.workers.add(threadId);
    this.samples.taken += samples.taken;
    this.samples.lost += samples.lost;
    if (!window.complete) this.incomplete ??= { incompleteReason: window.incompleteReason };
    if (window.root !== undefined) {
      this.sampled = true;
      this.fair &&= window.fair;
    }
    if (quality !== undefined) {
      // The weight of a window is the number of samples expected in it.
      this.hits += (quality * cpu.threadSeconds) / samplingIntervalMicros;
      this.expectedHits += cpu.threadSeconds / samplingIntervalMicros;
    }
    this.waitSeconds = addKnown(this.waitSeconds, window.waitSeconds);
    this.timeslices = addKnown(this.timeslices, window.timeslices);
    this.pauseSeconds += window.pauseSeconds;
  }

  /** Returns the figures of all windows together. @throws {RangeError} if there is no window. */
  get(): Figures {
    const { first, incomplete, waitSeconds, samplingIntervalMicros, cpu } = this;
    if (first === undefined) {
      throw new RangeError('windows must contain at least one window; got 0');
    }
    return {
      origin: first.origin,
      sequence: this.sequence,
      startTime: first.startTime,
      endTime: this.endTime,
      endMonotonicMillis: this.endMonotonicMillis,
      durationMillis: this.durationMillis,
      samplingIntervalMicros,
      cpu: { ...cpu },
      ...(this.workers.size > 0 && { workers: [...this.workers] }),
      samples: { ...this.samples },
      complete: incomplete === undefined,
      incompleteReason: incomplete && (incomplete.incompleteReason ?? 'failed'),
      error: this.sampled ? undefined : first.error,
      fair: this.sampled && this.fair,
      quality: this.expectedHits > 0 ? this.hits / this.expectedHits : undefined,
      waitSeconds,
      timeslices: this.timeslices,
      contended: isContended(waitSeconds, cpu.threadSeconds, samplingIntervalMicros),
      pauseSeconds: this.pauseSeconds,
    };
  }
}

function addKnown(sum: number | undefined, value: number | undefined): number | undefined {
  return sum === undefined || value === undefined ? undefined : sum + value;
}

/**
 * Returns a key that is equal for windows of one kind: their samples weigh the same, so windows of
 * one kind divide their CPU together.
 */
export function kindOf({ samplingIntervalMicros, complete, root }: ProfileWindow): string {
  return [samplingIntervalMicros, complete, root === undefined].join();
}
