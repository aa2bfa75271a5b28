import type { Attributes } from '@opentelemetry/api';
import type { RuleFigures, RuleShare } from './RuleFigures';
import { type Endings, Series } from './Series';
import { type Candidate, SeriesPlaces } from './SeriesPlaces';
import { type ThreadRate, ThreadRates } from './ThreadRates';
import type { SeriesLimits } from './options';
import { ATTR_RULE_ID, ATTR_RULE_OTHER, OTHER_RULES } from './semconv';

type Shares = ReadonlyMap<string, RuleShare>;

/** Stands for our own thread, whatever its id. No worker has this id. */
const OUR_THREAD = -1;

/** Share of a whole window. Windows are some microseconds longer or shorter than planned. */
const TOLERANCE = 0.05;
/** Share of a whole window. A newcomer's CPU in a shorter window counts as CPU in this time. */
const MIN_WINDOW_SHARE = 0.2;
const OTHER_ATTRIBUTES = { [ATTR_RULE_ID]: OTHER_RULES, [ATTR_RULE_OTHER]: true };

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
 * repeats what it got last for ever, so readers must get the end once: {@link endedSince}. Then the
 * series may vanish ({@link forgetEnded}), and may be forgotten if there is no room for another.
 */
export class RuleSeries {
  private readonly places: SeriesPlaces;
  private others: Series | undefined;
  private readonly rates = new ThreadRates<Series>();

  /**
   * @param wholeWindowSeconds Length of a window that no reader ends early.
   * @param attributesOf Returns the attributes of a rule; `undefined` if it cannot have a series.
   * @param counter Counts the endings, of other series too if they share it.
   * @param keepsUsage Whether usage and standard errors are wanted. Without, both stay 0.
   */
  constructor(
    private readonly limits: SeriesLimits,
    private readonly wholeWindowSeconds: number,
    attributesOf: (id: string) => Attributes | undefined = ruleAttributes,
    private readonly counter: Endings = { count: 0 },
    private readonly keepsUsage = true,
  ) {
    const onEnd = (series: Series): void => this.rates.delete(series);
    this.places = new SeriesPlaces(limits, attributesOf, counter, onEnd);
  }

  /** How many series have ended so far. */
  get endings(): number {
    return this.counter.count;
  }

  /** Adds a window of our own thread. Series age and retire by these windows. */
  update(shares: Shares, windowSeconds: number): void {
    const wholeWindows = windowSeconds / this.wholeWindowSeconds;
    for (const [id, series] of this.places.active) {
      series.age(shares.get(id), wholeWindows);
      if (series.idleWindows >= this.limits.retireAfterWindows - TOLERANCE)
        this.places.retire(id, series);
    }
    this.add(OUR_THREAD, shares, windowSeconds);
    for (const series of this.places.active.values()) series.pending = 0;
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
    return this.places.active;
  }

  /**
   * Yields the last figures of each rule whose series has ended since {@link endings} had the value
   * `since`, by rule id.
   */
  *endedSince(since: number): Iterable<readonly [string, RuleFigures]> {
    for (const entry of this.places.ended) if (entry[1].ending > since) yield entry;
  }

  /** Lets the series vanish that ended before there were `until` endings, or then. */
  forgetEnded(until: number): void {
    this.places.forgetEnded(until);
  }

  /** Ends all series. */
  retireAll(): void {
    for (const entry of this.places.active) this.places.retire(...entry);
  }

  /** Whether all series have ended and vanished. */
  get isEmpty(): boolean {
    return this.places.active.size + this.places.ended.size === 0;
  }

  /** Ends the usage of all rules, until the next window. */
  endUsage(): void {
    this.rates.clear();
  }

  /** Returns the figures of all other rules; `undefined` before the first one. */
  get other(): RuleFigures | undefined {
    return this.others;
  }

  private add(thread: number, shares: Shares, windowSeconds: number): void {
    const rates = new Map<Series, ThreadRate>();
    const addTo = (series: Series, share: RuleShare): void => {
      series.add(share);
      const rate = rates.get(series) ?? { usage: 0, variance: 0 };
      rates.set(series, rate);
      if (windowSeconds <= 0) return;
      rate.usage += share.cpuSeconds / windowSeconds;
      rate.variance += (share.standardErrorSeconds / windowSeconds) ** 2;
    };
    const outsiders: [string, RuleShare][] = [];
    for (const entry of shares) {
      const series = this.places.active.get(entry[0]);
      if (series === undefined) outsiders.push(entry);
      else addTo(series, entry[1]);
    }
    outsiders.sort(([, a], [, b]) => b.cpuSeconds - a.cpuSeconds);
    const wholeWindows = Math.max(windowSeconds / this.wholeWindowSeconds, MIN_WINDOW_SHARE);
    const strongestClaim = (outsiders[0]?.[1].cpuSeconds ?? 0) / wholeWindows;
    let weakest: Candidate[] | undefined;
    for (const [id, share] of outsiders) {
      const claim = share.cpuSeconds / wholeWindows;
      const { isFull } = this.places;
      if (isFull) weakest ??= this.places.weakerThan(strongestClaim);
      const series = this.places.admit(id, claim, isFull ? weakest : undefined);
      addTo(series ?? (this.others ??= new Series(OTHER_ATTRIBUTES)), share);
      if (series !== undefined) series.recent = claim;
    }
    if (!this.keepsUsage) return;
    // A newcomer may have taken the place of a rule that has a share in this window.
    for (const series of rates.keys()) if (series.ending > 0) rates.delete(series);
    this.rates.set(thread, rates);
  }
}

function ruleAttributes(id: string): Attributes {
  return { [ATTR_RULE_ID]: id };
}
