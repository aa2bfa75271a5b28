import { type ProfileWindow, attributeCpu } from '@rulescope/profiler';
import { CpuLedger } from './CpuLedger';
import { RuleSeries } from './RuleSeries';
import { SamplerStates } from './SamplerStates';
import type { SeriesLimits } from './options';

const WINDOW_OUTCOMES = ['complete', 'incomplete', 'failed'] as const;
type WindowOutcome = (typeof WINDOW_OUTCOMES)[number];

/** Number of windows of one kind, over all threads. */
interface WindowCount {
  readonly outcome: WindowOutcome;
  readonly contended: boolean;
  count: number;
}

/** The label whose values are rules. */
const RULE_LABEL = 'rule';

/** Holds the state behind all metrics. Windows update it, and any number of readers read it. */
export class RuleAccounts {
  readonly series: RuleSeries;
  readonly ledger = new CpuLedger();
  readonly windows: readonly WindowCount[] = WINDOW_OUTCOMES.flatMap((outcome) => [
    { outcome, contended: false, count: 0 },
    { outcome, contended: true, count: 0 },
  ]);
  readonly samplerStates = new SamplerStates();
  /** `ProfileWindow.quality` of the last window of our own thread. 0 after sampling has stopped. */
  quality: number | undefined;

  /**
   * @param wholeWindowSeconds Length of a window that no reader ends early.
   * @param threadId Our own thread. Its windows include the CPU of the process. If it is a worker, it
   *   does not count the CPU of other threads: several workers would count it several times.
   */
  constructor(
    limits: SeriesLimits,
    wholeWindowSeconds: number,
    private readonly threadId = 0,
  ) {
    this.series = new RuleSeries(limits, wholeWindowSeconds);
  }

  /** Adds a window of our own thread or of a worker. */
  add(window: ProfileWindow): void {
    const attribution = attributeCpu(window, RULE_LABEL);
    const seconds = window.durationMillis / 1000;
    const { threadId } = window.origin;
    if (threadId === this.threadId) {
      this.series.update(attribution.labels, seconds);
      const otherThreads = threadId === 0 ? attribution.otherThreads : { cpuSeconds: 0 };
      this.ledger.update({ ...attribution, otherThreads }, window);
      this.quality = window.quality;
      for (const silent of this.ledger.forgetSilentWorkers()) this.series.forgetWorker(silent);
    } else {
      this.series.updateWorker(threadId, attribution.labels, seconds);
      this.ledger.updateWorker(threadId, attribution, window);
    }
    const outcome = outcomeOf(window);
    for (const kind of this.windows) {
      if (kind.outcome === outcome && kind.contended === window.contended) kind.count++;
    }
  }

  /**
   * Ends what the gauges say about the last windows: sampling has stopped. Call it after the last
   * window of every thread. The counters stay, and the next window starts the gauges again.
   */
  samplingStopped(): void {
    this.series.endUsage();
    this.ledger.end();
    this.samplerStates.end();
    this.quality = 0;
  }
}

function outcomeOf(window: ProfileWindow): WindowOutcome {
  if (window.error !== undefined) return 'failed';
  return window.complete ? 'complete' : 'incomplete';
}
