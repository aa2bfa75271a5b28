/**
 * `npm run bench:idle`: what sampling costs a process that does nothing, and whether it delays the
 * application's timers: without sampling, with rulescope's as V8 does it, and with fair sampling.
 * The three take turns, one process at a time, so that a noisy machine disturbs all alike.
 *
 *     --node 20,24        versions of Node.js; default 24
 *     --turns N           processes of each; default 7
 *     --seconds N         idle seconds of each process, and as many of timeouts; default 10
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { median, quantile } from '../statistics';
import { type IdleResult, MODES, type Mode, measure } from './measure';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '24' },
    turns: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '10' },
    run: { type: 'string' },
  },
});

/** In a process of its own: one mode, its result as JSON. */
async function runHere(mode: Mode): Promise<void> {
  const result = await measure(mode, Number(options.seconds));
  process.stdout.write(JSON.stringify(result), () => process.exit());
}

function compare(node: string): void {
  const results: Record<Mode, IdleResult[]> = { off: [], unfair: [], fair: [] };
  for (let turn = 0; turn < Number(options.turns); turn++) {
    for (const mode of MODES) {
      const args = [__filename, '--run', mode, '--seconds', options.seconds];
      const output = execFileSync(nodeBinary(node), args, { encoding: 'utf8' });
      results[mode].push(JSON.parse(output) as IdleResult);
      process.stderr.write('.');
    }
  }
  print(node, results);
}

function print(node: string, results: Record<Mode, IdleResult[]>): void {
  const idle = (mode: Mode): number[] => results[mode].map(({ idleCpu }) => idleCpu);
  console.log(`\nNode.js ${node}: CPU of an idle process, and when setTimeout(20) comes\n`);
  console.log('| sampling | idle CPU | / unfair | timeouts | p10, ms | median | p90 |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const mode of MODES) {
    const ratios = idle(mode).map((cpu, turn) => cpu / (idle('unfair')[turn] ?? NaN));
    const timeouts = results[mode].flatMap(({ timeoutsMillis }) => timeoutsMillis);
    const cells = [
      mode,
      `${(median(idle(mode)) * 100).toFixed(2)} %`,
      median(ratios).toFixed(2),
      timeouts.length,
      ...[0.1, 0.5, 0.9].map((q) => quantile(timeouts, q).toFixed(2)),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

if (options.run === undefined) options.node.split(',').forEach(compare);
else {
  runHere(options.run as Mode).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
