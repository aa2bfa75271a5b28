import type { ProfileWindow } from '../model/ProfileWindow';
import { withoutSamples } from '../model/freezeWindow';
import { mergeWindows } from '../model/mergeWindows';

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

/**
 * Windows that are kept before they are merged. A merged window needs less memory if stacks repeat.
 */
const MAX_UNMERGED_WINDOWS = 16;

/** A sample takes several hundred bytes. */
const MAX_SAMPLES = 1_000_000;

/** Collects the windows of a span. */
export class ProfileSpanRecorder {
  readonly gapless = true;
  private windows: ProfileWindow[] = [];
  private samples = 0;
  private last: ProfileWindow | undefined;

  /**
   * @param maxSamples Samples that the span keeps. It drops the samples of windows that arrive
   *   later, and is then incomplete.
   */
  constructor(private readonly maxSamples = MAX_SAMPLES) {}

  offer(window: ProfileWindow): void {
    this.windows.push(
      this.samples < this.maxSamples
        ? window
        : withoutSamples(window, { incompleteReason: 'overflow' }),
    );
    this.samples += window.samples.taken;
    if (this.windows.length > MAX_UNMERGED_WINDOWS) this.windows = [mergeWindows(this.windows)];
  }

  /**
   * Merges the windows since the last call into one. Returns the previous result if there are none.
   */
  take(): ProfileWindow {
    if (this.windows.length > 0) this.last = mergeWindows(this.windows);
    this.windows = [];
    this.samples = 0;
    if (this.last === undefined) throw new Error('the span has no window yet');
    return this.last;
  }
}
