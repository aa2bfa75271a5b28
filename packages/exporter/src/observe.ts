import type { Attributes } from '@opentelemetry/api';
import { CPU_SOURCES } from './CpuLedger';
import type { RuleAccounts } from './RuleAccounts';
import type { RuleFigures } from './RuleFigures';
import type { MetricGroups } from './groups';
import { METRICS, type Metric } from './metrics';
import * as semconv from './semconv';

/** Takes one value of a series. `attributes` is one object for the whole life of a rule's series. */
export type Observe = (metric: Metric, value: number, attributes?: Attributes) => void;

/** What is observed. */
export interface Observed {
  readonly accounts: RuleAccounts;
  readonly groups: Required<MetricGroups>;
  /** Returns the windows missed by the name of the consumer. */
  droppedWindows(): ReadonlyMap<string, number>;
}

/**
 * Hands all current values to `observe`. Changes nothing, so each reader gets all values. A series
 * that has ended is among them if it ended after `reported`, a number of endings: with its last sums
 * and a usage of 0.
 *
 * @returns The number of endings that are reported now.
 */
export function observeAll(observed: Observed, reported: number, observe: Observe): number {
  const { accounts, groups } = observed;
  if (groups.rule) observeRules(accounts, reported, observe);
  if (groups.functions) observeFunctions(accounts, reported, observe);
  if (groups.process) observeLedger(accounts, observe);
  if (groups.profiler) observeProfiler(observed, observe);
  return accounts.series.endings;
}

function observeRules({ series }: RuleAccounts, reported: number, observe: Observe): void {
  const observeRule = (figures: RuleFigures): void => {
    const { attributes } = figures;
    observe(METRICS.ruleTime, figures.cpuSeconds, attributes);
    observe(METRICS.ruleUsage, figures.usage, attributes);
    observe(METRICS.ruleSamples, figures.hits, attributes);
    observe(METRICS.ruleVariance, figures.variance, attributes);
    observe(METRICS.ruleError, figures.standardError, attributes);
  };
  for (const figures of series.rules.values()) observeRule(figures);
  for (const [, figures] of series.endedSince(reported)) observeRule(figures);
  if (series.other !== undefined) observeRule(series.other);
}

function observeFunctions({ functions }: RuleAccounts, reported: number, observe: Observe): void {
  for (const figures of functions?.since(reported) ?? []) {
    observe(METRICS.functionTime, figures.cpuSeconds, figures.attributes);
    observe(METRICS.functionCumulativeTime, figures.cumulativeSeconds, figures.attributes);
  }
}

function observeLedger({ ledger }: RuleAccounts, observe: Observe): void {
  for (const source of CPU_SOURCES) {
    const attributes = { [semconv.ATTR_CPU_SOURCE]: source };
    observe(METRICS.time, ledger.cpuSeconds(source), attributes);
    observe(METRICS.usage, ledger.usage(source), attributes);
  }
}

function observeProfiler({ accounts, droppedWindows }: Observed, observe: Observe): void {
  for (const { outcome, contended, count } of accounts.windows) {
    observe(METRICS.windows, count, {
      [semconv.ATTR_WINDOW_OUTCOME]: outcome,
      [semconv.ATTR_WINDOW_CONTENDED]: contended,
    });
  }
  if (accounts.quality !== undefined) observe(METRICS.quality, accounts.quality);
  for (const [attributes, value] of accounts.samplerStates.values()) {
    observe(METRICS.info, value, attributes);
  }
  for (const [name, count] of droppedWindows()) {
    observe(METRICS.dropped, count, { [semconv.ATTR_CONSUMER_NAME]: name });
  }
}
