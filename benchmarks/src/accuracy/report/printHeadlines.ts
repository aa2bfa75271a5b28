import { CELLS } from '../cases';
import { SIDES, type ResultsFile } from '../results';
import { formatBiases } from './biases';
import { printTable } from './markdown';

/**
 * Prints the cells for newcomers: with the peers on one version of Node.js, then on the others.
 */
export function printHeadlines(results: ResultsFile): void {
  const headlines = CELLS.filter(({ headline }) => headline);
  const cell = (name: string, side: (typeof SIDES)[number]): string =>
    formatBiases(results.get(name, side));
  printTable(
    'Bias of the CPU per rule, for rules of short / middle / long bursts. Nine rules use equal ' +
      'CPU. Node.js 24.',
    ['work', ...SIDES],
    headlines
      .filter(({ node }) => node === '24')
      .map(({ name }) => [
        name.replace(/, node 24$/, ''),
        ...SIDES.map((side) => cell(name, side)),
      ]),
  );
  printTable(
    'The same cells on the other versions of Node.js.',
    ['work', 'fair', 'unfair'],
    headlines
      .filter(({ node }) => node !== '24')
      .map(({ name }) => [name, cell(name, 'fair'), cell(name, 'unfair')]),
  );
}
