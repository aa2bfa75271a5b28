/**
 * `npm run bench:startup`: the CPU that a process uses until its modules are loaded: Node.js alone,
 * with the metrics SDK, with the whole OpenTelemetry SDK, and with rulescope required and
 * registered. All take turns, one process at a time. Ends with exit code 1 if
 * `require('rulescope')` misses a bound.
 *
 *     --node 20,24        versions of Node.js; default 24
 *     --rounds N          processes of each, 6 to 1000; default 41
 *     --warm-up N         processes of each before, which do not count; default 3
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { BOUNDS, compareCpu, findMisses } from './compare';
import { PROGRAMS, type StartupResult, VARIANTS, type Variant } from './programs';

const ROOT = join(__dirname, '../../../..');
const NAMES: Readonly<Record<Variant, string>> = {
  node: 'Node.js alone',
  metrics: 'sdk-metrics and exporter-prometheus',
  sdk: '**SDK alone**: these and sdk-node',
  rulescope: "**SDK and `require('rulescope')`**",
  registered: 'the same, registered and sampling',
};

type Results = Readonly<Record<Variant, StartupResult[]>>;

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '41' },
    'warm-up': { type: 'string', default: '3' },
  },
});

function integer(name: 'rounds' | 'warm-up', min: number): number {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value >= min && value <= 1000) return value;
  throw new Error(`--${name} must be an integer from ${min} to 1000; got ${options[name]}`);
}

/** Starts one process. It gets no environment: NODE_OPTIONS and a compile cache would change it. */
function start(node: string, variant: Variant): StartupResult {
  const args = ['--eval', PROGRAMS[variant]];
  const output = execFileSync(nodeBinary(node), args, { cwd: ROOT, encoding: 'utf8', env: {} });
  return JSON.parse(output) as StartupResult;
}

function measure(node: string): Results {
  const results: Results = { node: [], metrics: [], sdk: [], rulescope: [], registered: [] };
  const warmUp = integer('warm-up', 0);
  const rounds = integer('rounds', 6);
  for (let round = -warmUp; round < rounds; round++) {
    // In every other round backwards, so that none always comes behind the same neighbor.
    for (const variant of round % 2 === 0 ? VARIANTS : [...VARIANTS].reverse()) {
      const result = start(node, variant);
      if (round >= 0) results[variant].push(result);
    }
    process.stderr.write('.');
  }
  return results;
}

/** Prints the figures of one version of Node.js; returns the bounds that are missed. */
function report(node: string, results: Results): string[] {
  const cpu = (variant: Variant): number[] => results[variant].map(({ cpuMillis }) => cpuMillis);
  const compare = (variant: Variant) => compareCpu(cpu('sdk'), cpu(variant));
  const base = compare('sdk').medianMillis;
  console.log(`\nNode.js ${node}, ${cpu('sdk').length} processes of each:\n`);
  console.log('| process | CPU, ms | more than SDK, ms | / SDK | paired / SDK | 95 % of it |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const variant of VARIANTS) {
    const { medianMillis, ratioOfMedians, pairedRatio, pairedInterval } = compare(variant);
    const cells = [
      NAMES[variant],
      medianMillis.toFixed(1),
      (medianMillis - base).toFixed(1),
      ratioOfMedians.toFixed(3),
      pairedRatio.toFixed(3),
      pairedInterval.map((end) => end.toFixed(3)).join(' to '),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const [loaded, before] = [results.rulescope[0], results.sdk[0]];
  if (loaded === undefined || before === undefined) throw new Error('no process ran');
  const others = loaded.modules - before.modules - loaded.ownModules;
  console.log(
    `\n\`require('rulescope')\` loads ${loaded.ownModules} modules of ours (at most ` +
      `${BOUNDS.ownModules}), ${others} of others, native code: ${loaded.natives.join(', ') || 'none'}.`,
  );
  return findMisses(compare('rulescope'), loaded).map((miss) => `Node.js ${node}: ${miss}`);
}

const misses = options.node.split(',').flatMap((node) => report(node, measure(node)));
for (const miss of misses) console.log(`\nMissed: ${miss}`);
process.exitCode = misses.length > 0 ? 1 : 0;
