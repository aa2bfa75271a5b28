import { type ProfileWindow, attributeCpu } from '@rulescope/profiler';
import { CpuLedger } from './CpuLedger';
import { RuleSeries } from './RuleSeries';
import type { SeriesLimits } from './options';

/** What became of the windows so far. */
export const WINDOW_OUTCOMES = ['complete', 'incomplete', 'failed'] as const;
export type WindowOutcome = (typeof WINDOW_OUTCOMES)[number];

/** The label whose values are rules. */
const RULE_LABEL = 'rule';

/** So many windows of our thread without one of a worker say that the worker is no more. */
const SILENT_WINDOWS = 2;

/** Everything the metrics say, kept up to date window by window and read by any number of readers. */
export class RuleAccounts {
  readonly series: RuleSeries;
  readonly ledger = new CpuLedger();
  readonly windows: Record<WindowOutcome, number> = { complete: 0, incomplete: 0, failed: 0 };
  /** By thread: windows of ours since its last. */
  private readonly workers = new Map<number, number>();

  /** @param threadId The thread whose windows tell of the process: ours. */
  constructor(
    limits: SeriesLimits,
    private readonly threadId = 0,
  ) {
    this.series = new RuleSeries(limits);
  }

  add(window: ProfileWindow): void {
    const attribution = attributeCpu(window, RULE_LABEL);
    const seconds = window.durationMillis / 1000;
    const { threadId } = window.origin;
    if (threadId === this.threadId) {
      this.series.update(attribution.labels, seconds);
      this.ledger.update(attribution, window);
      this.forgetSilentWorkers();
    } else {
      this.series.updateWorker(threadId, attribution.labels, seconds);
      this.ledger.updateWorker(threadId, attribution, window);
      this.workers.set(threadId, 0);
    }
    this.windows[outcomeOf(window)]++;
  }

  private forgetSilentWorkers(): void {
    for (const [threadId, silent] of this.workers) {
      if (silent < SILENT_WINDOWS) {
        this.workers.set(threadId, silent + 1);
        continue;
      }
      this.workers.delete(threadId);
      this.series.forgetWorker(threadId);
      this.ledger.forgetWorker(threadId);
    }
  }
}

function outcomeOf(window: ProfileWindow): WindowOutcome {
  if (window.error !== undefined) return 'failed';
  return window.complete ? 'complete' : 'incomplete';
}
