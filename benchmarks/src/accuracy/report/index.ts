import type { ResultsFile } from '../results';
import { printCells } from './printCells';
import { printClasses } from './printClasses';
import { printHeadlines } from './printHeadlines';

/** Prints what the results say as Markdown: for newcomers, by class of rules, by cell. */
export function printReport(results: ResultsFile): void {
  printHeadlines(results);
  printClasses(results);
  printCells(results);
  const [versions, commits] = [results.versions().join(', '), results.commits().join(', ')];
  console.log(`\nVersions: ${versions}. Commits: ${commits}.`);
}
