import { CELLS } from '../cases';
import { SIDES, type ResultsFile } from '../results';
import { formatBiases } from './biases';
import { printTable } from './markdown';

/**
 * Prints the rows that a newcomer should see: the peers on one version, then the other versions.
 */
export function printHeadlines(results: ResultsFile): void {
  const headlines = CELLS.filter(({ headline }) => headline);
  const cell = (name: string, side: (typeof SIDES)[number]): string =>
    formatBiases(results.get(name, side));
  printTable(
    'Nine rules use equal CPU, in short, middle and long bursts. How wrong is the CPU per rule? ' +
      'Bias of short / middle / long rules. Node.js 24.',
    ['work', ...SIDES],
    headlines
      .filter(({ node }) => node === '24')
      .map(({ name }) => [
        name.replace(/, node 24$/, ''),
        ...SIDES.map((side) => cell(name, side)),
      ]),
  );
  printTable(
    'The same rows on the other versions.',
    ['work', 'fair', 'unfair'],
    headlines
      .filter(({ node }) => node !== '24')
      .map(({ name }) => [name, cell(name, 'fair'), cell(name, 'unfair')]),
  );
}
