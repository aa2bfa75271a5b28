import type { ResultsFile } from '../results';
import { printCells } from './printCells';
import { printClasses } from './printClasses';
import { printHeadlines } from './printHeadlines';

/** Prints what the results say as Markdown: for newcomers, by class of rules, by cell. */
export function printReport(results: ResultsFile): void {
  printHeadlines(results);
  printClasses(results);
  printCells(results);
  console.log(`\nVersions: ${results.versions().join(', ')}.`);
}
