/**
 * `npm run bench:accuracy`: how near the CPU per rule comes to the truth. See README.md of this folder's package.
 *
 *     --node 20,24        versions of Node.js; default 20, 22, 24 and 26
 *     --case TEXT         only cases whose name contains TEXT
 *     --interval MICROS   sampling interval; default that of the library
 *     --peer a,b          of pyroscope and dd-trace, for a sixth of the time; default both, where they can label
 *     --parallel N        cases at a time; default half the processors
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { nodeBinary } from '../nodes';
import { CASES, type AccuracyCase } from './cases';
import { type Outcome, type PeerOutcome, measure, measurePeer } from './measure';
import { printSummary, printTable, type ScoredCase } from './report';
import { type Score, score, scoreEstimate } from './score';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    case: { type: 'string', default: '' },
    interval: { type: 'string' },
    peer: { type: 'string', default: 'pyroscope,dd-trace' },
    parallel: { type: 'string', default: String(Math.max(1, availableParallelism() >> 1)) },
    run: { type: 'string' },
  },
});

const DEFAULT_INTERVAL_MICROS = 10_101;

/** dd-trace labels nothing where the runtime has no AsyncContextFrame. */
const canLabel = (peer: string, node: string): boolean => peer !== 'dd-trace' || Number(node) >= 24;

/** In a process of its own: one case under `--run` or a peer, its outcome as JSON. */
async function runHere(subject: string): Promise<void> {
  const target = CASES.find((candidate) => candidate.name === options.case);
  if (target === undefined) throw new Error(`no case is called ${JSON.stringify(options.case)}`);
  const interval = options.interval === undefined ? undefined : Number(options.interval);
  const outcome =
    subject === 'rulescope'
      ? await measure(target, interval)
      : await measurePeer(target, subject, interval ?? DEFAULT_INTERVAL_MICROS);
  process.stdout.write(JSON.stringify(outcome), () => process.exit());
}

async function runIn<T>(node: string, subject: string, { name }: AccuracyCase): Promise<T> {
  const args = [__filename, '--run', subject, '--case', name];
  if (options.interval !== undefined) args.push('--interval', options.interval);
  const { stdout } = await promisify(execFile)(nodeBinary(node), args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as T;
}

async function runCase(target: AccuracyCase, node: string): Promise<ScoredCase> {
  const outcome = await runIn<Outcome>(node, 'rulescope', target);
  const peers: Record<string, Score> = {};
  for (const peer of options.peer.split(',').filter((each) => each && canLabel(each, node))) {
    const { truth, naive } = await runIn<PeerOutcome>(node, peer, target);
    peers[peer] = score(truth, naive);
  }
  return {
    target,
    ours: scoreEstimate(outcome),
    naive: score(outcome.truth, outcome.naive),
    peers,
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
  if (!CASES.some(({ name }) => name.includes(options.case))) {
    const names = CASES.map(({ name }) => `\n  ${name}`).join('');
    throw new RangeError(`--case must be a part of one of${names}\ngot ${options.case}`);
  }
  for (const node of options.node.split(',')) await compare(node);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
