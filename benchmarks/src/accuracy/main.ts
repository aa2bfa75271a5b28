/**
 * `npm run bench:accuracy` compares the CPU per rule with the truth, by burst length and by what
 * drives the work. See `benchmarks/README.md`.
 *
 *     --node 20,24        versions of Node.js; default all
 *     --cell TEXT         only cells whose name contains TEXT; can be repeated
 *     --side fair,...     of fair, unfair, dd-trace, pyroscope; default all
 *     --seconds-scale X   multiplies the length of all runs
 *     --results FILE      stores results here; skips runs that it already contains
 *     --fresh             repeats these runs instead
 *     --raw FOLDER        writes all samples of each rulescope run there, as JSON lines
 *     --report            runs nothing and prints the stored results
 *     --witness           compares the truth with the kernel's own count and runs nothing else
 */
import { type StdioOptions, execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { nodeBinary } from '../nodes';
import { CELLS } from './cases';
import { type Job, expectedSeconds, runJobs, selectJobs } from './jobs';
import { printReport } from './report';
import { ResultsFile, type RunResult, SIDES, type Side } from './results';
import { runHere } from './runHere';
import { printWitness } from './witness';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    cell: { type: 'string', multiple: true, default: [''] },
    side: { type: 'string', default: SIDES.join() },
    'seconds-scale': { type: 'string', default: '1' },
    results: { type: 'string', default: join(process.cwd(), '.cache/accuracy/results.jsonl') },
    fresh: { type: 'boolean', default: false },
    raw: { type: 'string' },
    report: { type: 'boolean', default: false },
    witness: { type: 'boolean', default: false },
    // For the child process that does one run and prints its result as JSON.
    run: { type: 'string' },
    windows: { type: 'string', default: '1' },
    cpu: { type: 'string' },
  },
});

/** A run that takes this much longer than its windows is stopped. */
const GRACE_MILLIS = 120_000;

/** Returns the commit, marked if files differ from it. `undefined` outside of git. */
function currentCommit(): string | undefined {
  const args = ['describe', '--always', '--dirty', '--exclude', '*'];
  try {
    // The third stream discards git's error message.
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', args, { cwd: __dirname, stdio, encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

async function runJob({ cell, side, windows }: Job, cpu: number | undefined): Promise<RunResult> {
  const args = [nodeBinary(cell.node), __filename, '--run', cell.name, '--side', side];
  args.push('--windows', String(windows));
  if (options.raw !== undefined) args.push('--raw', options.raw);
  if (cpu !== undefined) {
    args.push('--cpu', String(cpu));
    args.unshift('taskset', '-c', String(cpu));
  }
  const [command = '', ...rest] = args;
  const { stdout } = await promisify(execFile)(command, rest, {
    maxBuffer: 1 << 28,
    timeout: windows * cell.windowSeconds * 1000 + GRACE_MILLIS,
  });
  return JSON.parse(stdout) as RunResult;
}

async function main(): Promise<void> {
  if (options.witness) return printWitness();
  if (options.run !== undefined) {
    const cell = CELLS.find(({ name }) => name === options.run);
    if (cell === undefined)
      throw new Error(`--run must be the name of a cell; got ${JSON.stringify(options.run)}`);
    const result = await runHere(cell, options.side as Side, {
      windows: Number(options.windows),
      cpu: options.cpu === undefined ? undefined : Number(options.cpu),
      raw: options.raw,
    });
    process.stdout.write(JSON.stringify(result), () => process.exit());
    return;
  }
  const results = new ResultsFile(options.results);
  const [nodes, sides] = [options.node.split(','), options.side.split(',')];
  const jobs = selectJobs(
    Number(options['seconds-scale']),
    (cell, side) =>
      nodes.includes(cell.node) &&
      sides.includes(side) &&
      options.cell.some((text) => cell.name.includes(text)),
  );
  const missing = options.report
    ? []
    : jobs.filter(({ cell, side }) => options.fresh || !results.get(cell.name, side));
  const minutes = (some: readonly Job[]): string => (expectedSeconds(some) / 60).toFixed(1);
  console.error(
    `${missing.length} of ${jobs.length} runs are left, about ${minutes(missing)} minutes`,
  );
  const commit = currentCommit();
  let done = 0;
  await runJobs(missing, async (job, cpu) => {
    const name = `${job.cell.name}, ${job.side}`;
    try {
      results.add({ ...(await runJob(job, cpu)), commit });
      console.error(`${++done}/${missing.length} ${name}`);
    } catch (error) {
      console.error(`${name} failed; run the command again to retry it`, error);
      process.exitCode = 1;
    }
  });
  printReport(results);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
