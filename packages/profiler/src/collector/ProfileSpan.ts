import type { ProfileWindow } from '../model/ProfileWindow';
import { freezeWindow } from '../model/freezeWindow';
import { mergeWindows } from '../model/mergeWindows';

/** A stretch of profiling of a reader's own, made of as many windows as it takes. */
export interface ProfileSpan {
  /** What was recorded since the span began or was last cut; the span goes on. After {@link close}: the same as that returned. */
  cut(): ProfileWindow;
  /** Ends the span. @returns what was recorded since it began or was last cut; further calls return the same. */
  close(): ProfileWindow;
  /** Closes the span. */
  [Symbol.dispose](): void;
}

/** Windows that are kept apart; then they are merged, which needs less memory where stacks are alike. */
const KEPT_APART = 16;

/** A sample takes some hundred bytes. */
const MAX_SAMPLES = 1_000_000;

/** Gathers the windows of a span. */
export class ProfileSpanRecorder {
  readonly gapless = true;
  private windows: ProfileWindow[] = [];
  private samples = 0;
  private last: ProfileWindow | undefined;

  /** @param maxSamples Those of windows that come later are forgotten; the span is then incomplete. */
  constructor(private readonly maxSamples = MAX_SAMPLES) {}

  offer(window: ProfileWindow): void {
    this.windows.push(this.samples < this.maxSamples ? window : withoutSamples(window));
    this.samples += window.samples.taken;
    if (this.windows.length > KEPT_APART) this.windows = [mergeWindows(this.windows)];
  }

  /** The windows since the last call as one; where there were none since, what it returned then. */
  take(): ProfileWindow {
    if (this.windows.length > 0) this.last = mergeWindows(this.windows);
    this.windows = [];
    this.samples = 0;
    if (this.last === undefined) throw new Error('the span has no window yet');
    return this.last;
  }
}

function withoutSamples(window: ProfileWindow): ProfileWindow {
  const { taken, lost } = window.samples;
  return freezeWindow({
    ...window,
    samples: { taken: 0, lost: lost + taken },
    complete: false,
    incompleteReason: 'overflow',
    root: undefined,
  });
}
