import { CELLS } from '../cases';
import { BURST_CLASSES, type ClassScore, FAMILIES, familyOf, scoreClass } from '../classes';
import type { ResultsFile } from '../results';
import { percent, printTable, signedPercent } from './markdown';

/** What a class must keep, see issue 11. */
const BOUNDS: readonly (readonly [string, (score: ClassScore) => boolean])[] = [
  ['figures', ({ figures }) => figures >= 500],
  ['bias', ({ bias }) => Math.abs(bias) <= 0.05],
  ['bias not known', ({ biasError }) => biasError <= 0.012],
  ['coverage', ({ coverage }) => coverage >= 0.92],
  ['error', ({ ratio }) => ratio <= 1.1],
];

/** Prints the classes of rules, pooled over all fair cells without a busy neighbor. */
export function printClasses(results: ResultsFile): void {
  const rows = FAMILIES.flatMap((family) => {
    const windows = CELLS.filter(
      ({ driver, placement }) => placement !== 'shared' && familyOf(driver) === family,
    ).flatMap(({ name }) => results.get(name, 'fair')?.windows ?? []);
    return BURST_CLASSES.flatMap((burstClass) => {
      const score = scoreClass(windows, burstClass);
      return score === undefined ? [] : [[`${family}, ${burstClass}`, ...classCells(score)]];
    });
  });
  printTable(
    'Classes of rules, pooled over all fair cells on two processors and on one. ' +
      'Short: 0.2 to 0.5 ms, middle: 1 to 1.5 ms, long: 5 to 6 ms, longest: 20 ms.',
    ['class', 'figures', 'hits', 'bias', '± (1 s.e.)', '95 % holds', 'error / limit', 'misses'],
    rows,
  );
}

function classCells(score: ClassScore): (string | number)[] {
  const { figures, hits, bias, biasError, coverage, ratio } = score;
  const missed = BOUNDS.filter(([, holds]) => !holds(score)).map(([name]) => `**${name}**`);
  return [
    figures,
    hits,
    signedPercent(bias),
    percent(biasError),
    percent(coverage),
    ratio.toFixed(2),
    missed.join(', '),
  ];
}
