import type { RuleFigures, RuleShare } from './RuleFigures';
import { type ThreadRate, ThreadRates } from './ThreadRates';
import type { SeriesLimits } from './options';

interface Series extends RuleFigures {
  cpuSeconds: number;
  hits: number;
  variance: number;
  usage: number;
  standardError: number;
  /** Recent CPU per whole window, seconds. A newcomer is compared with it. */
  recent: number;
  /** CPU since the last window of our own thread, seconds. */
  pending: number;
  /** Windows of our own thread since the last hit. A short window is a part of one. */
  idleWindows: number;
  /** {@link RuleSeries.endings} when the series ended. 0 while it has not. */
  ending: number;
}

type Shares = ReadonlyMap<string, RuleShare>;

/** Stands for our own thread, whatever its id. No worker has this id. */
const OUR_THREAD = -1;

/** Weight of the newest window in `recent`, if it is a whole window. */
const EWMA_ALPHA = 0.2;
/** Share of a whole window. Windows are some microseconds longer or shorter than planned. */
const TOLERANCE = 0.05;
/** Share of a whole window. A newcomer's CPU in a shorter window counts as CPU in this time. */
const MIN_WINDOW_SHARE = 0.2;
/** A newcomer must have used this many times the CPU of the weakest series to take its place. */
const HYSTERESIS = 2;

/**
 * Decides which rules have a series of their own. Pure state, no clock. Windows count by their
 * length, because each reader that comes or goes ends one early.
 *
 * A rule gets a series while there is room. After that it must use clearly more than the weakest
 * rule with a series, and takes its place. CPU of a rule without a series is added to `other` and
 * stays there. So no counter falls, and all series sum to the CPU of all rules. A rule that returns
 * continues its series.
 *
 * A series that has ended has no usage, also for the window in which it ended. A cumulative reader
 * repeats what it got last for ever, so readers must get the end once: {@link endedSince}.
 */
export class RuleSeries {
  private readonly active = new Map<string, Series>();
  private readonly retired = new Map<string, Series>();
  private others: Series | undefined;
  private readonly rates = new ThreadRates<Series>();
  /** How many series have ended so far. Each return and end of a rule counts. */
  endings = 0;

  /** @param wholeWindowSeconds Length of a window that no reader ends early. */
  constructor(
    private readonly limits: SeriesLimits,
    private readonly wholeWindowSeconds: number,
  ) {}

  /** Adds a window of our own thread. Series age and retire by these windows. */
  update(shares: Shares, windowSeconds: number): void {
    for (const [id, series] of this.active) this.advance(id, series, shares.get(id), windowSeconds);
    this.add(OUR_THREAD, shares, windowSeconds);
    for (const series of this.active.values()) series.pending = 0;
  }

  /** Adds a window of a worker. */
  updateWorker(threadId: number, shares: Shares, windowSeconds: number): void {
    this.add(threadId, shares, windowSeconds);
  }

  /** Ends the usage that the last window of a worker stated. */
  forgetWorker(threadId: number): void {
    this.rates.set(threadId, new Map());
  }

  /** Returns the figures of each rule with a series of its own, by rule id. */
  get rules(): ReadonlyMap<string, RuleFigures> {
    return this.active;
  }

  /**
   * Yields the last figures of each rule whose series has ended since {@link endings} had the value
   * `since`, by rule id.
   */
  *endedSince(since: number): Iterable<readonly [string, RuleFigures]> {
    for (const entry of this.retired) if (entry[1].ending > since) yield entry;
  }

  /** Ends the usage of all rules, until the next window. */
  endUsage(): void {
    this.rates.clear();
  }

  /** Returns the figures of all other rules; `undefined` before the first one. */
  get other(): RuleFigures | undefined {
    return this.others;
  }

  private advance(
    id: string,
    series: Series,
    share: RuleShare | undefined,
    windowSeconds: number,
  ): void {
    const used = series.pending + (share?.cpuSeconds ?? 0);
    const wholeWindows = windowSeconds / this.wholeWindowSeconds;
    // A stalled thread can make a window longer. It still counts as one.
    const weight = 1 - (1 - EWMA_ALPHA) ** Math.min(wholeWindows, 1);
    if (wholeWindows > 0) series.recent += weight * (used / wholeWindows - series.recent);
    const idle = share === undefined && series.pending === 0;
    series.idleWindows = idle ? series.idleWindows + Math.min(wholeWindows, 1) : 0;
    if (series.idleWindows >= this.limits.retireAfterWindows - TOLERANCE) this.retire(id, series);
  }

  private add(thread: number, shares: Shares, windowSeconds: number): void {
    const rates = new Map<Series, ThreadRate>();
    const addTo = (series: Series, { cpuSeconds, hits, standardErrorSeconds }: RuleShare): void => {
      series.cpuSeconds += cpuSeconds;
      series.hits += hits;
      series.variance += standardErrorSeconds ** 2;
      series.pending += cpuSeconds;
      const rate = rates.get(series) ?? { usage: 0, variance: 0 };
      rates.set(series, rate);
      if (windowSeconds <= 0) return;
      rate.usage += cpuSeconds / windowSeconds;
      rate.variance += (standardErrorSeconds / windowSeconds) ** 2;
    };
    const outsiders: [string, RuleShare][] = [];
    for (const entry of shares) {
      const series = this.active.get(entry[0]);
      if (series === undefined) outsiders.push(entry);
      else addTo(series, entry[1]);
    }
    outsiders.sort(([, a], [, b]) => b.cpuSeconds - a.cpuSeconds);
    const wholeWindows = Math.max(windowSeconds / this.wholeWindowSeconds, MIN_WINDOW_SHARE);
    for (const [id, share] of outsiders) {
      const claim = share.cpuSeconds / wholeWindows;
      const series = this.admit(id, claim) ?? (this.others ??= newSeries());
      addTo(series, share);
      if (series !== this.others) series.recent = claim;
    }
    // A newcomer may have taken the place of a rule that has a share in this window.
    for (const series of rates.keys()) if (series.ending > 0) rates.delete(series);
    this.rates.set(thread, rates);
  }

  private admit(id: string, cpuSeconds: number): Series | undefined {
    const known = this.retired.get(id);
    if (
      known === undefined &&
      this.active.size + this.retired.size >= this.limits.maxLifetimeSeries
    ) {
      return undefined;
    }
    if (this.active.size >= this.limits.maxActiveSeries && !this.retireWeakerThan(cpuSeconds)) {
      return undefined;
    }
    const series = known ?? newSeries();
    series.idleWindows = 0;
    series.pending = 0;
    series.ending = 0;
    this.retired.delete(id);
    this.active.set(id, series);
    return series;
  }

  private retireWeakerThan(cpuSeconds: number): boolean {
    let weakest: [string, Series] | undefined;
    for (const entry of this.active) {
      if (weakest === undefined || entry[1].recent < weakest[1].recent) weakest = entry;
    }
    if (weakest === undefined || weakest[1].recent * HYSTERESIS >= cpuSeconds) return false;
    this.retire(...weakest);
    return true;
  }

  private retire(id: string, series: Series): void {
    this.active.delete(id);
    this.retired.set(id, series);
    this.rates.delete(series);
    series.ending = ++this.endings;
  }
}

function newSeries(): Series {
  return {
    cpuSeconds: 0,
    hits: 0,
    variance: 0,
    usage: 0,
    standardError: 0,
    recent: 0,
    pending: 0,
    idleWindows: 0,
    ending: 0,
  };
}
