import { median, sum } from '../statistics';
import type { AccuracyCase } from './cases';
import type { EstimateScore, Score } from './score';

/** A case and what came of it. */
export interface ScoredCase {
  readonly target: AccuracyCase;
  readonly ours: EstimateScore;
  /** The sum of the sampler's CPU values in the same run. */
  readonly naive: Score;
  /** The same sum as others state it, by name. */
  readonly peers: Readonly<Record<string, Score>>;
}

/** Cases with fewer hits say more of chance than of the estimate. */
const ENOUGH_HITS = 400;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function printTable(node: string, cases: readonly ScoredCase[]): void {
  const peers = [...new Set(cases.flatMap((each) => Object.keys(each.peers)))];
  const row = (cells: readonly (string | number)[]): void =>
    console.log(`| ${cells.join(' | ')} |`);
  const head = ['case', 'hits', 'bias', 'error', '1/sqrt(hits)', 'ratio', 'ledger off by'];
  head.push('naive: bias', 'error');
  // A peer's run is shorter, so that its error is more a matter of chance than ours.
  for (const peer of peers) head.push(`${peer}: bias`);
  console.log(`\nNode.js ${node}\n`);
  row(head);
  row(head.map(() => '---'));
  for (const { target, ours, naive, peers: others } of cases) {
    const cells = [
      target.name,
      ours.hits,
      percent(ours.bias),
      percent(ours.meanAbsoluteError),
      percent(ours.limit),
      (ours.meanAbsoluteError / ours.limit).toFixed(2),
      percent(ours.ledgerGap),
    ];
    cells.push(percent(naive.bias), percent(naive.meanAbsoluteError));
    for (const peer of peers) cells.push(percent(others[peer]?.bias ?? NaN));
    row(cells);
  }
}

export function printSummary(cases: readonly ScoredCase[]): void {
  const solid = cases.filter(({ ours }) => ours.hits >= ENOUGH_HITS).map(({ ours }) => ours);
  const mean = (values: number[]): number => sum(values) / values.length;
  const covered = sum(cases.map(({ ours }) => ours.covered[0]));
  const judged = sum(cases.map(({ ours }) => ours.covered[1]));
  console.log(
    `\n${solid.length} of ${cases.length} cases with at least ${ENOUGH_HITS} hits: ` +
      `mean absolute error ${percent(mean(solid.map((each) => each.meanAbsoluteError)))}, ` +
      `${(mean(solid.map((each) => each.meanAbsoluteError)) / mean(solid.map((each) => each.limit))).toFixed(2)} x 1/sqrt(hits) ` +
      `(median of the cases ${median(solid.map((each) => each.meanAbsoluteError / each.limit)).toFixed(2)}); ` +
      `bias ${percent(mean(solid.map(({ bias }) => bias)))}, ` +
      `largest ${percent(Math.max(...solid.map(({ bias }) => Math.abs(bias))))}. ` +
      `The naive sum: bias ${percent(mean(cases.map(({ naive }) => naive.bias)))}, ` +
      `mean absolute error ${percent(mean(cases.map(({ naive }) => naive.meanAbsoluteError)))}.`,
  );
  const beyond = cases.filter(
    ({ ours }) =>
      ours.hits >= ENOUGH_HITS &&
      (Math.abs(ours.bias) > 0.05 || ours.meanAbsoluteError > 1.5 * ours.limit),
  );
  console.log(
    `Of these, beyond a bias of 5 % or an error of 1.5 x 1/sqrt(hits): ` +
      `${beyond.map(({ target }) => target.name).join('; ') || 'none'}.`,
  );
  console.log(
    `95 % intervals held the truth for ${covered} of ${judged} rules with at least ten hits (${percent(covered / judged)}). ` +
      `The ledger was off by at most ${percent(Math.max(...cases.map(({ ours }) => ours.ledgerGap)))}.`,
  );
}
