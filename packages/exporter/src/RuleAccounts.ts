import { type ProfileWindow, attributeCpu } from '@rulescope/profiler';
import type { Steps } from '@rulescope/profiler/internal';
import { CpuLedger } from './CpuLedger';
import type { HotFunctions } from './HotFunctions';
import { RuleSeries } from './RuleSeries';
import type { Endings } from './Series';
import { SamplerStates } from './SamplerStates';
import type { SeriesOptions } from './options';

const WINDOW_OUTCOMES = ['complete', 'incomplete', 'failed'] as const;
type WindowOutcome = (typeof WINDOW_OUTCOMES)[number];

/** Number of windows of one kind, over all threads. */
interface WindowCount {
  readonly outcome: WindowOutcome;
  readonly contended: boolean;
  count: number;
}

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
   * @param functions The hottest functions, if they are wanted. They share `endings`.
   */
  constructor(
    private readonly options: Pick<SeriesOptions, 'limits' | 'labels'>,
    wholeWindowSeconds: number,
    private readonly threadId = 0,
    endings?: Endings,
    readonly functions?: HotFunctions,
  ) {
    const { limits, labels } = options;
    const attributesOf = (id: string) => labels.attributesOf(id);
    this.series = new RuleSeries(limits, wholeWindowSeconds, attributesOf, endings);
  }

  /**
   * Adds a window of our own thread or of a worker.
   *
   * @returns Steps that add its functions, if they are wanted.
   */
  add(window: ProfileWindow): Steps<void> | undefined {
    const attribution = attributeCpu(window, this.options.labels.by);
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
    return this.functions?.add(window, threadId === this.threadId, this.series.rules);
  }

  /** Lets the series vanish that ended before there were `until` endings, or then. */
  forgetEnded(until: number): void {
    this.series.forgetEnded(until);
    this.functions?.forgetEnded(until);
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
