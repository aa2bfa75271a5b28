import type { SeriesLimits } from './options';

/** What a window says of one rule. */
export interface RuleShare {
  /** Seconds. */
  readonly cpuSeconds: number;
  readonly hits: number;
}

/** The figures of one series. */
export interface RuleFigures {
  /** CPU since the beginning, seconds. Never falls. */
  readonly cpuSeconds: number;
  /** Hits since the beginning. Never falls. */
  readonly hits: number;
  /** CPU in the last window / length of the window. */
  readonly utilization: number;
}

interface Series extends RuleFigures {
  cpuSeconds: number;
  hits: number;
  utilization: number;
  /** CPU per window lately, seconds: what the place in the top is defended with. */
  recent: number;
  idleWindows: number;
}

/** Weight of the newest window in `recent`. */
const NEWEST = 0.2;
/** A newcomer must have used this many times the CPU of the weakest series to take its place. */
const HYSTERESIS = 2;

/**
 * Decides which rules have a series of their own. Pure state, no clock.
 *
 * A rule gets one while there is room; later only in place of one that uses clearly less. What a rule uses while it has
 * none is added to `other`, for good: so no counter ever falls, and the sum of all is the CPU of all rules. A rule
 * whose series ended goes on from where it was when it returns.
 */
export class RuleSeries {
  private readonly active = new Map<string, Series>();
  private readonly retired = new Map<string, Series>();
  private others: Series | undefined;

  constructor(private readonly limits: SeriesLimits) {}

  /** Adds a window of `windowSeconds`. */
  update(shares: ReadonlyMap<string, RuleShare>, windowSeconds: number): void {
    for (const [id, series] of this.active) this.advance(id, series, shares.get(id), windowSeconds);
    if (this.others !== undefined) this.others.utilization = 0;
    const outsiders = [...shares].filter(([id]) => !this.active.has(id));
    outsiders.sort(([, a], [, b]) => b.cpuSeconds - a.cpuSeconds);
    for (const [id, share] of outsiders) {
      const series = this.admit(id, share) ?? (this.others ??= newSeries());
      add(series, share, windowSeconds);
      if (series !== this.others) series.recent = share.cpuSeconds;
    }
  }

  /** The series that are current, by rule id. */
  get rules(): ReadonlyMap<string, RuleFigures> {
    return this.active;
  }

  /** All rules without a series of their own; `undefined` as long as there was none. */
  get other(): RuleFigures | undefined {
    return this.others;
  }

  private advance(id: string, series: Series, share: RuleShare | undefined, seconds: number): void {
    series.utilization = 0;
    series.recent += NEWEST * ((share?.cpuSeconds ?? 0) - series.recent);
    series.idleWindows = share === undefined ? series.idleWindows + 1 : 0;
    if (share !== undefined) add(series, share, seconds);
    else if (series.idleWindows >= this.limits.retireAfterWindows) this.retire(id, series);
  }

  private admit(id: string, share: RuleShare): Series | undefined {
    const known = this.retired.get(id);
    if (known === undefined && this.active.size + this.retired.size >= this.limits.maxRuleIds) {
      return undefined;
    }
    if (this.active.size >= this.limits.maxRules && !this.retireWeakerThan(share.cpuSeconds)) {
      return undefined;
    }
    const series = known ?? newSeries();
    series.idleWindows = 0;
    // It may have left in a window in which it had hits.
    series.utilization = 0;
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
  }
}

function newSeries(): Series {
  return { cpuSeconds: 0, hits: 0, utilization: 0, recent: 0, idleWindows: 0 };
}

function add(series: Series, share: RuleShare, windowSeconds: number): void {
  series.cpuSeconds += share.cpuSeconds;
  series.hits += share.hits;
  if (windowSeconds > 0) series.utilization += share.cpuSeconds / windowSeconds;
}
