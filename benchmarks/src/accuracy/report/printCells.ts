import { median, sum } from '../../statistics';
import { type AccuracyCell, CELLS, isBounded } from '../cases';
import type { ResultsFile, RunResult, Side, WindowDetails } from '../results';
import { formatBiases } from './biases';
import { percent, printTable } from './markdown';

const HEAD = [
  'cell',
  'load',
  'bias',
  'hits',
  'quality',
  'contended',
  'rules / thread',
  'ledger gap',
];

/** Prints each run of rulescope. */
export function printCells(results: ResultsFile): void {
  const print = (title: string, side: Side, isIn: (cell: AccuracyCell) => boolean): void => {
    const rows = CELLS.filter(isIn).flatMap(({ name, windowSeconds }) => {
      const run = results.get(name, side);
      return run === undefined ? [] : [[name, ...runCells(run, windowSeconds)]];
    });
    if (rows.length > 0) printTable(title, HEAD, rows);
  };
  print(
    'Cells, fair. Load: CPU of the rules / time. Quality: hits / expected hits, median. Contended: share of the windows. ' +
      'Rules / thread: CPU of the rules by the truth / CPU of the thread by the kernel.',
    'fair',
    isBounded,
  );
  print(
    'Fair, on one processor with a busy neighbor. Shown, not bounded.',
    'fair',
    ({ placement }) => placement === 'shared',
  );
  print(
    'Fair, with garbage collection or blocked calls. Shown, not bounded.',
    'fair',
    (cell) => cell.placement !== 'shared' && !isBounded(cell),
  );
  print('Unfair. Shown, not bounded.', 'unfair', () => true);
}

function runCells(run: RunResult, windowSeconds: number): (string | number)[] {
  const { windows } = run;
  const details = windows.flatMap((window) => window.details ?? []);
  const truth = sum(windows.flatMap((window) => Object.values(window.truth)));
  const hits = sum(
    windows.flatMap(({ figures }) => Object.values(figures).map((each) => each.hits)),
  );
  const qualities = details.flatMap(({ quality }) => quality ?? []);
  const contended = details.filter((each) => each.contended).length / details.length;
  return [
    percent(truth / (windows.length * windowSeconds)),
    formatBiases(run),
    hits,
    median(qualities).toFixed(2),
    percent(contended),
    percent(truth / sum(details.map(({ kernelCpuSeconds }) => kernelCpuSeconds))),
    percent(Math.max(...details.map(ledgerGap))),
  ];
}

/** |sum of the ledger - CPU of the process| / CPU of the process. */
function ledgerGap({ ledger, processSeconds }: WindowDetails): number {
  return Math.abs(sum(Object.values(ledger)) - processSeconds) / processSeconds;
}
