import type { Attributes } from '@opentelemetry/api';
import type { ProfileWindow } from '@rulescope/profiler';
import { Pace, type Steps } from '@rulescope/profiler/internal';
import { type FunctionCpu, attributeFunctions } from '@rulescope/profiler/internal/functions';
import { type SourceLookup, sourceMapLookup } from '@rulescope/profiler/report';
import { FunctionPlaces, functionAttributes } from './FunctionPlaces';
import type { RuleFigures, RuleShare } from './RuleFigures';
import { RuleSeries } from './RuleSeries';
import type { Endings } from './Series';
import { FUNCTIONS_IN_LIFE, type SeriesOptions } from './options';

/**
 * The functions that use most CPU in each rule with a series. They compete for series as rules do,
 * among the functions of the same rule. A function without a series is in no sum: the functions of a
 * rule sum to at most the rule. Functions have no usage.
 */
export class HotFunctions {
  private readonly places: FunctionPlaces;
  private readonly byRule = new Map<string, RuleSeries>();

  /** @param endings Counts the endings of series, of rules too. */
  constructor(
    private readonly options: SeriesOptions,
    private readonly wholeWindowSeconds: number,
    private readonly endings: Endings,
    lookup: SourceLookup = sourceMapLookup(),
  ) {
    this.places = new FunctionPlaces(lookup);
  }

  /** Yields the figures of all functions with a series, and of those that ended after `reported`. */
  *since(reported: number): Iterable<RuleFigures> {
    for (const series of this.byRule.values()) {
      yield* series.rules.values();
      for (const [, figures] of series.endedSince(reported)) yield figures;
    }
  }

  /** Lets the series vanish that ended before there were `until` endings, or then. */
  forgetEnded(until: number): void {
    for (const series of this.byRule.values()) series.forgetEnded(until);
  }

  /**
   * Adds a window.
   *
   * @param own Whether it is of our own thread.
   * @param rules The rules with a series, which have this window already.
   */
  *add(window: ProfileWindow, own: boolean, rules: ReadonlyMap<string, RuleFigures>): Steps<void> {
    const { labels } = this.options;
    const functions = yield* attributeFunctions(window, labels.by, (node) =>
      this.places.idOf(node),
    );
    const pace = new Pace();
    const vanished: string[] = [];
    for (const [rule, series] of this.byRule) {
      if (!rules.has(rule)) series.retireAll();
      if (series.isEmpty && !functions.has(rule)) vanished.push(rule);
      if (pace.worked(1)) yield;
    }
    for (const rule of functions.keys()) {
      const figures = rules.get(rule);
      if (figures === undefined || this.byRule.has(rule)) continue;
      if (!this.makeRoom(vanished)) break;
      this.byRule.set(rule, this.newSeries(figures.attributes));
      if (pace.worked(1)) yield;
    }
    const seconds = window.durationMillis / 1000;
    for (const [rule, series] of this.byRule) {
      const ofRule = rules.has(rule) ? functions.get(rule) : undefined;
      const shares = sharesOf(ofRule ?? new Map<string, FunctionCpu>(), series);
      if (own) series.update(shares, seconds);
      else series.updateWorker(window.origin.threadId, shares, seconds);
      if (pace.worked(1 + shares.size)) yield;
    }
  }

  /** Returns whether there is room for another rule. Forgets one of `vanished` to make it. */
  private makeRoom(vanished: string[]): boolean {
    const { functionsPerRule, maxFunctionSeries } = this.options;
    const perRule = FUNCTIONS_IN_LIFE * functionsPerRule;
    if ((this.byRule.size + 1) * perRule <= maxFunctionSeries) return true;
    const rule = vanished.pop();
    return rule !== undefined && this.byRule.delete(rule);
  }

  private newSeries(ofRule: Attributes): RuleSeries {
    const { functionsPerRule, limits } = this.options;
    const maxLifetimeSeries = FUNCTIONS_IN_LIFE * functionsPerRule;
    return new RuleSeries(
      { ...limits, maxActiveSeries: functionsPerRule, maxLifetimeSeries },
      this.wholeWindowSeconds,
      (id) => ({ ...ofRule, ...functionAttributes(id) }),
      this.endings,
      false,
    );
  }
}

/** Returns the shares of the functions that use CPU themselves, and of those with a series. */
function sharesOf(
  functions: ReadonlyMap<string, FunctionCpu>,
  series: RuleSeries,
): Map<string, RuleShare> {
  const shares = new Map<string, RuleShare>();
  for (const [id, cpu] of functions) {
    if (cpu.hits > 0 || series.rules.has(id)) shares.set(id, { ...cpu, standardErrorSeconds: 0 });
  }
  return shares;
}
