/**
 * `npm run bench:accuracy`: how near the CPU per rule comes to the truth. See README.md of this folder's package.
 *
 *     --node 20,24        versions of Node.js; default 20, 22, 24 and 26
 *     --case TEXT         only cases whose name contains TEXT
 *     --interval MICROS   sampling interval; default that of the library
 *     --parallel N        cases at a time; default half the processors
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { nodeBinary } from '../nodes';
import { CASES, type AccuracyCase } from './cases';
import { type Outcome, measure } from './measure';
import { printSummary, printTable, type ScoredCase } from './report';
import { score, scoreEstimate } from './score';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    case: { type: 'string', default: '' },
    interval: { type: 'string' },
    parallel: { type: 'string', default: String(Math.max(1, availableParallelism() >> 1)) },
    run: { type: 'string' },
  },
});

/** In a process of its own: one case, its outcome as JSON. */
async function runHere(name: string): Promise<void> {
  const target = CASES.find((candidate) => candidate.name === name);
  if (target === undefined) throw new Error(`no case is called ${JSON.stringify(name)}`);
  const outcome = await measure(target, options.interval ? Number(options.interval) : undefined);
  process.stdout.write(JSON.stringify(outcome), () => process.exit());
}

async function runCase(target: AccuracyCase, node: string): Promise<ScoredCase> {
  // Garbage is collected in the thread alone, so that the clock of the process tells the truth about the thread.
  const flags = target.kind === 'alloc' ? ['--single-threaded-gc'] : [];
  const args = [...flags, __filename, '--run', target.name];
  if (options.interval !== undefined) args.push('--interval', options.interval);
  const { stdout } = await promisify(execFile)(nodeBinary(node), args, { maxBuffer: 1 << 26 });
  const outcome = JSON.parse(stdout) as Outcome;
  return {
    target,
    ours: scoreEstimate(outcome),
    naive: score(outcome.truth, outcome.naive),
  };
}

async function compare(node: string): Promise<void> {
  const waiting = CASES.filter(({ name }) => name.includes(options.case));
  const scored: ScoredCase[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      scored.push(await runCase(next, node));
      process.stderr.write('.');
    }
  };
  await Promise.all(Array.from({ length: Number(options.parallel) }, worker));
  scored.sort((a, b) => CASES.indexOf(a.target) - CASES.indexOf(b.target));
  printTable(node, scored);
  printSummary(scored);
}

async function main(): Promise<void> {
  if (options.run !== undefined) return runHere(options.run);
  for (const node of options.node.split(',')) await compare(node);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
