import { type AccuracyCell, CELLS, isBounded } from '../cases';
import { BOUNDED_FAMILIES, BURST_CLASSES, type ClassScore, familyOf, scoreClass } from '../classes';
import type { ResultsFile } from '../results';
import { percent, printTable, signedPercent } from './markdown';

/** The bounds of each class. */
const BOUNDS: readonly (readonly [string, (score: ClassScore) => boolean])[] = [
  ['figures', ({ figures }) => figures >= 500],
  ['bias', ({ bias }) => Math.abs(bias) <= 0.05],
  ['standard error', ({ biasError }) => biasError <= 0.012],
  ['coverage', ({ coverage }) => coverage >= 0.92],
  ['error', ({ ratio }) => ratio <= 1.1],
];

const HEAD = [
  'class',
  'figures',
  'hits',
  'bias',
  '± (1 s.e.)',
  '95 % coverage',
  'error / limit',
  'contended windows',
  'worst cell',
];

type Cells = readonly (string | number)[];

/** Prints the classes of rules, first with bounds, then without. The README defines the columns. */
export function printClasses(results: ResultsFile): void {
  const bounded = BOUNDED_FAMILIES.flatMap((family) =>
    scoreAll(results, family, (cell) => isBounded(cell) && familyOf(cell.driver) === family),
  );
  printTable(
    'Classes of rules, over all fair cells on two processors or one. Bursts: short 0.2 to ' +
      '0.5 ms, middle 1 to 1.5 ms, long 5 to 6 ms, longest 20 ms.',
    [...HEAD, 'missed bounds'],
    bounded.map(([name, score]) => [name, ...classCells(score), missedBounds(score)]),
  );
  const special = [...new Set(CELLS.map(({ driver }) => driver))]
    .filter((driver) => familyOf(driver) === 'special')
    .flatMap((driver) => scoreAll(results, driver, (cell) => cell.driver === driver));
  if (special.length === 0) return;
  printTable(
    'Classes with garbage collection or blocked calls. No bounds apply.',
    HEAD,
    special.map(([name, score]) => [name, ...classCells(score)]),
  );
}

/** Scores all classes of the cells that `isIn` selects. */
function scoreAll(
  results: ResultsFile,
  name: string,
  isIn: (cell: AccuracyCell) => boolean,
): (readonly [string, ClassScore])[] {
  const runs = CELLS.filter(isIn).flatMap((cell) => results.get(cell.name, 'fair') ?? []);
  return BURST_CLASSES.flatMap((burstClass) => {
    const score = scoreClass(runs, burstClass);
    return score === undefined ? [] : [[`${name}, ${burstClass}`, score] as const];
  });
}

function classCells(score: ClassScore): Cells {
  const { figures, hits, bias, biasError, coverage, ratio, contendedShare, worst } = score;
  return [
    figures,
    hits,
    signedPercent(bias),
    percent(biasError),
    percent(coverage),
    ratio.toFixed(2),
    percent(contendedShare),
    `${signedPercent(worst.bias)} ± ${percent(worst.biasError)} (${worst.cell})`,
  ];
}

function missedBounds(score: ClassScore): string {
  const missed = BOUNDS.filter(([, holds]) => !holds(score)).map(([name]) => `**${name}**`);
  return missed.join(', ');
}
