import { sum } from '../statistics';
import type { Outcome } from './measure';

/** How well figures per rule meet the truth. All are shares of the CPU that the rules used. */
export interface Score {
  /** (sum of the figures - sum of the truth) / sum of the truth. */
  readonly bias: number;
  /** Mean absolute error: sum of |figure - truth| over the rules / sum of the truth. */
  readonly meanAbsoluteError: number;
}

/** A score with what statistics allow for. */
export interface EstimateScore extends Score {
  readonly hits: number;
  /** 1 / sqrt(hits) of each rule, weighted by its CPU. */
  readonly limit: number;
  /** Of the rules with at least ten hits: those whose truth lies within 1.96 standard errors, and all. */
  readonly covered: readonly [number, number];
  /** |ledger - CPU of the process| / CPU of the process. */
  readonly ledgerGap: number;
}

export function score(
  truth: Readonly<Record<string, number>>,
  figures: Readonly<Record<string, number>>,
): Score {
  const total = sum(Object.values(truth));
  const rules = Object.keys(truth);
  return {
    bias: sum(rules.map((rule) => (figures[rule] ?? 0) - (truth[rule] ?? 0))) / total,
    meanAbsoluteError:
      sum(rules.map((rule) => Math.abs((figures[rule] ?? 0) - (truth[rule] ?? 0)))) / total,
  };
}

const FEWEST_HITS = 10;

export function scoreEstimate({ truth, estimate, ledger, processSeconds }: Outcome): EstimateScore {
  const seconds = Object.fromEntries(
    Object.entries(estimate).map(([rule, figures]) => [rule, figures.seconds]),
  );
  const total = sum(Object.values(truth));
  const solid = Object.entries(estimate).filter(([, { hits }]) => hits >= FEWEST_HITS);
  const inside = solid.filter(
    ([rule, figures]) =>
      Math.abs(figures.seconds - (truth[rule] ?? 0)) <= 1.96 * Math.sqrt(figures.variance),
  );
  return {
    ...score(truth, seconds),
    hits: sum(Object.values(estimate).map(({ hits }) => hits)),
    limit: sum(
      Object.entries(truth).map(
        ([rule, cpu]) => cpu / total / Math.sqrt(Math.max(1, estimate[rule]?.hits ?? 0)),
      ),
    ),
    covered: [inside.length, solid.length],
    ledgerGap: Math.abs(sum(Object.values(ledger)) - processSeconds) / processSeconds,
  };
}
