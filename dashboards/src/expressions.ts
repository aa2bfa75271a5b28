import type { MetricNames } from './naming';

/**
 * Sums over processes, one series for each rule. The second label keeps the bucket of all
 * other rules apart from a rule `other`.
 */
export const SUM_BY_RULE = 'sum by (rulescope_rule_id, rulescope_rule_other)';

/**
 * Systematic error of the CPU time of a rule. The variance takes the errors of windows as
 * independent; over many windows chance averages out and bias does not. The README of the
 * repository has the same figure.
 */
const SYSTEMATIC_ERROR = 0.025;

/** Half the width of an interval of 95 % confidence, in standard errors. */
export const CONFIDENCE_95 = 1.96;

/**
 * Returns the standard error of the CPU time of the rules that `selector` matches: seconds over
 * `range`.
 *
 * @param sum An aggregation, such as {@link SUM_BY_RULE}.
 */
export function errorOfIncrease(
  { ruleTime, ruleVariance }: MetricNames,
  sum: string,
  selector: string,
  range: string,
): string {
  const increase = (metric: string): string => `${sum} (increase(${metric}${selector}[${range}]))`;
  return `sqrt(${increase(ruleVariance)} + (${SYSTEMATIC_ERROR} * ${increase(ruleTime)}) ^ 2)`;
}

/**
 * Returns the same in cores, for a `range` whose length in seconds is not known. The length is
 * `increase() / rate()`, so the error by chance is `rate(v) / sqrt(increase(v))`.
 */
export function errorOfRate(
  { ruleTime, ruleVariance }: MetricNames,
  sum: string,
  selector: string,
  range: string,
): string {
  const of = (call: string, metric: string): string =>
    `${sum} (${call}(${metric}${selector}[${range}]))`;
  const chance = `${of('rate', ruleVariance)} ^ 2 / ${of('increase', ruleVariance)}`;
  return `sqrt(${chance} + (${SYSTEMATIC_ERROR} * ${of('rate', ruleTime)}) ^ 2)`;
}
