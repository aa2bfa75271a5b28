/**
 * `npm run hunt`: generates a log, loads it in each variant of `examples/hunting-a-hot-spot`, one
 * after another, and prints a table. `npm run hunt -- --samples 3000000` does it with less.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, installDebianPackages, installPackages } from './lib/install.mjs';
import { capture, must } from './lib/run.mjs';

const EXAMPLE = join(ROOT, 'examples/hunting-a-hot-spot');
const TIME = '/usr/bin/time';

/** What the story measured, with 1,000,000,000 samples. */
const STORY = [
  { variant: 'story, slow', user: 1727.5, system: 16.61, elapsed: 241.12, peak: 5_962_812 },
  { variant: 'story, fast', user: 269.18, system: 10.69, elapsed: 65.58, peak: 3_529_556 },
];

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '100000000' },
    variant: { type: 'string', multiple: true },
  },
});

await installPackages(ROOT);
await installDebianPackages({ time: TIME });
await must(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', EXAMPLE], {
  cwd: ROOT,
});
const { VARIANTS } = createRequire(import.meta.url)(join(EXAMPLE, 'build/src/variants.js'));
const variants = values.variant ?? Object.keys(VARIANTS);
const directory = join(ROOT, '.cache/hunt');
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const log = join(directory, 'log');

await must(process.execPath, [
  join(EXAMPLE, 'build/src/generate.js'),
  ...['--log', log, '--samples', values.samples],
]);
const rows = [];
for (const variant of variants) {
  console.error(`${variant}: ${VARIANTS[variant]?.change} ...`);
  rows.push(await measure(variant));
}
rmSync(directory, { recursive: true });
printTable(rows);
const hashes = new Set(rows.map(({ hash }) => hash));
if (hashes.size > 1) {
  console.error(`the variants loaded different data: ${[...hashes].join(', ')}`);
  process.exitCode = 1;
}

/** Runs a variant under `time -v`. */
async function measure(variant) {
  const report = join(directory, 'time.txt');
  const replay = [join(EXAMPLE, 'build/src/replay.js'), '--json'];
  const options = ['--log', log, '--variant', variant];
  const output = await capture(TIME, ['-v', '-o', report, process.execPath, ...replay, ...options]);
  const { hash, cpu } = JSON.parse(output);
  return { variant, hash, cpu, ...parseTime(readFileSync(report, 'utf8')) };
}

/** Returns seconds and kilobytes of what `time -v` printed. */
function parseTime(report) {
  const valueOf = (name) => report.match(new RegExp(`${name}.*: (\\S+)$`, 'm'))[1];
  const elapsed = valueOf('Elapsed').split(':');
  return {
    user: Number(valueOf('User time')),
    system: Number(valueOf('System time')),
    elapsed: elapsed.reduce((seconds, part) => seconds * 60 + Number(part), 0),
    peak: Number(valueOf('Maximum resident set size')),
  };
}

function printTable(rows) {
  console.log(
    'rule, gc (outside the rule) and all (with the start of Node.js): seconds of CPU by rulescope',
  );
  console.table(
    Object.fromEntries([
      ...rows.map((row) => [row.variant, rowOf(row, rows[0])]),
      ...STORY.map((row) => [row.variant, rowOf(row, STORY[0])]),
    ]),
  );
}

function rowOf({ user, system, elapsed, peak, cpu }, first) {
  return {
    user,
    system,
    elapsed,
    'peak MB': Math.round(peak / 1000),
    ...(cpu !== undefined && {
      rule: Number(cpu.rule.toFixed(2)),
      gc: Number(cpu.sources.gc.toFixed(2)),
      all: Number((cpu.beforeSampling + sum(Object.values(cpu.sources))).toFixed(2)),
    }),
    'user ratio': Number((first.user / user).toFixed(2)),
    'elapsed ratio': Number((first.elapsed / elapsed).toFixed(2)),
    'peak ratio': Number((first.peak / peak).toFixed(2)),
  };
}

function sum(numbers) {
  return numbers.reduce((total, x) => total + x, 0);
}
