/**
 * `npm run bench:idle` measures what sampling costs an idle process, and whether it delays the
 * application's timers. It compares three modes: no sampling (`off`), V8's own sampling (`unfair`)
 * and fair sampling (`fair`). The modes take turns, one process at a time, so that noise of the
 * machine affects all modes alike.
 *
 *     --node 20,24        versions of Node.js; default 24
 *     --turns N           processes per mode; default 7
 *     --seconds N         idle seconds per process, then as many seconds of timeouts; default 10
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

/** Measures one mode in this process and prints the result as JSON. */
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
  console.log(`\nNode.js ${node}: CPU of an idle process, and delay of setTimeout(20)\n`);
  console.log(
    '| sampling | idle CPU | ratio to unfair | timeouts | p10, ms | median, ms | p90, ms |',
  );
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
