import type { ProfileWindow } from '../model/ProfileWindow';
import { withoutSamples } from '../model/freezeWindow';
import { WindowMerger } from '../model/mergeWindows';

/** A stretch of profiling that belongs to one reader. It spans as many windows as needed. */
export interface ProfileSpan {
  /**
   * Returns one window with everything recorded since the span began or since the last cut. The
   * span continues. After {@link close}, returns the same window as `close`.
   */
  cut(): ProfileWindow;
  /**
   * Ends the span.
   * @returns One window with everything recorded since the span began or since the last cut.
   *   Further calls return the same window.
   */
  close(): ProfileWindow;
  /** Closes the span. */
  [Symbol.dispose](): void;
}

/** A sample takes several hundred bytes. */
const MAX_SAMPLES = 1_000_000;

/** Collects the windows of a span. */
export class ProfileSpanRecorder {
  readonly gapless = true;
  private merger: WindowMerger | undefined;
  private samples = 0;
  private last: ProfileWindow | undefined;

  /**
   * @param maxSamples Samples that the span keeps. It drops the samples of windows that arrive
   *   later, and is then incomplete.
   */
  constructor(private readonly maxSamples = MAX_SAMPLES) {}

  /** Merges the window at once, so that {@link take} has nothing left to merge. */
  offer(window: ProfileWindow): void {
    this.merger ??= new WindowMerger();
    this.merger.add(
      this.samples < this.maxSamples
        ? window
        : withoutSamples(window, { incompleteReason: 'overflow' }),
    );
    this.samples += window.samples.taken;
  }

  /**
   * Returns the windows since the last call as one. Returns the previous result if there are none.
   */
  take(): ProfileWindow {
    if (this.merger !== undefined) this.last = this.merger.merged();
    this.merger = undefined;
    this.samples = 0;
    if (this.last === undefined) throw new Error('the span has no window yet');
    return this.last;
  }
}
