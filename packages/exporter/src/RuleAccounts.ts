import { type ProfileWindow, attributeCpu } from '@rulescope/profiler';
import { CpuLedger } from './CpuLedger';
import { RuleSeries } from './RuleSeries';
import type { SeriesLimits } from './options';

/** What became of the windows so far. */
export const WINDOW_OUTCOMES = ['complete', 'incomplete', 'failed'] as const;
export type WindowOutcome = (typeof WINDOW_OUTCOMES)[number];

/** The label whose values are rules. */
const RULE_LABEL = 'rule';

/** Everything the metrics say, kept up to date window by window and read by any number of readers. */
export class RuleAccounts {
  readonly series: RuleSeries;
  readonly ledger = new CpuLedger();
  readonly windows: Record<WindowOutcome, number> = { complete: 0, incomplete: 0, failed: 0 };

  /**
   * @param wholeWindowSeconds Length of a window that nobody ends early.
   * @param threadId The thread whose windows tell of the process: ours.
   */
  constructor(
    limits: SeriesLimits,
    wholeWindowSeconds: number,
    private readonly threadId = 0,
  ) {
    this.series = new RuleSeries(limits, wholeWindowSeconds);
  }

  add(window: ProfileWindow): void {
    const attribution = attributeCpu(window, RULE_LABEL);
    const seconds = window.durationMillis / 1000;
    const { threadId } = window.origin;
    if (threadId === this.threadId) {
      this.series.update(attribution.labels, seconds);
      this.ledger.update(attribution, window);
      for (const silent of this.ledger.forgetSilentWorkers()) this.series.forgetWorker(silent);
    } else {
      this.series.updateWorker(threadId, attribution.labels, seconds);
      this.ledger.updateWorker(threadId, attribution, window);
    }
    this.windows[outcomeOf(window)]++;
  }
}

function outcomeOf(window: ProfileWindow): WindowOutcome {
  if (window.error !== undefined) return 'failed';
  return window.complete ? 'complete' : 'incomplete';
}
