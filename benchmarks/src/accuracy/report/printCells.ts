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
  'contended windows',
  'rules / thread',
  'ledger gap',
];

/** Prints each run of rulescope. `benchmarks/README.md` defines the columns. */
export function printCells(results: ResultsFile): void {
  const print = (title: string, side: Side, isIn: (cell: AccuracyCell) => boolean): void => {
    const rows = CELLS.filter(isIn).flatMap(({ name, windowSeconds }) => {
      const run = results.get(name, side);
      return run === undefined ? [] : [[name, ...runCells(run, windowSeconds)]];
    });
    if (rows.length > 0) printTable(title, HEAD, rows);
  };
  print('Cells with fair sampling, on two processors or one.', 'fair', isBounded);
  print(
    'Fair sampling on one processor, shared with a busy process. No bounds apply.',
    'fair',
    ({ placement }) => placement === 'shared',
  );
  print(
    'Fair sampling with garbage collection or blocked calls. No bounds apply.',
    'fair',
    (cell) => cell.placement !== 'shared' && !isBounded(cell),
  );
  print('Without fair sampling. No bounds apply.', 'unfair', () => true);
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

/** Returns |sum of the ledger - CPU of the process| / CPU of the process. */
function ledgerGap({ ledger, processSeconds }: WindowDetails): number {
  return Math.abs(sum(Object.values(ledger)) - processSeconds) / processSeconds;
}
