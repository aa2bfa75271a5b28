import type { Attributes } from '@opentelemetry/api';
import type { RuleFigures, RuleShare } from './RuleFigures';

/** Weight of the newest window in `recent`, if it is a whole window. */
const EWMA_ALPHA = 0.2;

/** Counts the series that have ended so far. Each return and end counts. */
export interface Endings {
  count: number;
}

/** The state of one series. */
export class Series implements RuleFigures {
  cpuSeconds = 0;
  cumulativeSeconds = 0;
  hits = 0;
  variance = 0;
  usage = 0;
  standardError = 0;
  /** Recent CPU per whole window, seconds. A newcomer is compared with it. */
  recent = 0;
  /** CPU since the last window of our own thread, seconds. */
  pending = 0;
  /** Windows of our own thread since the last hit. A short window is a part of one. */
  idleWindows = 0;
  /** The number of endings when the series ended. 0 while it has not. */
  ending = 0;

  constructor(readonly attributes: Attributes) {}

  add({ cpuSeconds, cumulativeSeconds = 0, hits, standardErrorSeconds }: RuleShare): void {
    this.cpuSeconds += cpuSeconds;
    this.cumulativeSeconds += cumulativeSeconds;
    this.hits += hits;
    this.variance += standardErrorSeconds ** 2;
    this.pending += cpuSeconds;
  }

  /** Ages by a window of our own thread, before the `share` of that window is added. */
  age(share: RuleShare | undefined, wholeWindows: number): void {
    const used = this.pending + (share?.cpuSeconds ?? 0);
    // A stalled thread can make a window longer. It still counts as one.
    const atMostOne = Math.min(wholeWindows, 1);
    const weight = 1 - (1 - EWMA_ALPHA) ** atMostOne;
    if (wholeWindows > 0) this.recent += weight * (used / wholeWindows - this.recent);
    const idle = share === undefined && this.pending === 0;
    this.idleWindows = idle ? this.idleWindows + atMostOne : 0;
  }

  /** Starts or returns. */
  begin(): void {
    this.idleWindows = 0;
    this.pending = 0;
    this.ending = 0;
  }
}
