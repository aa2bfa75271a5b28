import type { ResultsFile } from '../results';
import { printCells } from './printCells';
import { printClasses } from './printClasses';
import { printHeadlines } from './printHeadlines';

/** Prints the results as Markdown: the headlines, then by class of rules, then by cell. */
export function printReport(results: ResultsFile): void {
  printHeadlines(results);
  printClasses(results);
  printCells(results);
  const [versions, commits] = [results.versions().join(', '), results.commits().join(', ')];
  console.log(`\nVersions: ${versions}. Commits: ${commits}.`);
}
