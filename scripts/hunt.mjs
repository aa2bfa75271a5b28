/**
 * `npm run hunt`: generates a log, loads it in each variant of `examples/hunting-a-hot-spot`, one
 * after another, and prints a table.
 *
 *     npm run hunt -- --samples 3000000   with a smaller log
 *     npm run hunt -- --variant slow      with one variant only; can be repeated
 *     npm run hunt -- --profiles DIR      writes a CPU profile of each thread to DIR/VARIANT
 *     npm run hunt -- --prometheus        scraped by Prometheus, which stays until Ctrl-C
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPrometheus } from './lib/huntPrometheus.mjs';
import { DEBIAN_FILES, ROOT, installDebianPackages, installPackages } from './lib/install.mjs';
import { capture, must } from './lib/run.mjs';

const EXAMPLE = join(ROOT, 'examples/hunting-a-hot-spot');

/** What the story measured, with 1,000,000,000 samples. */
const STORY = [
  { variant: 'story, slow', user: 1727.5, system: 16.61, elapsed: 241.12, peak: 5_962_812 },
  { variant: 'story, fast', user: 269.18, system: 10.69, elapsed: 65.58, peak: 3_529_556 },
];

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '220000000' },
    variant: { type: 'string', multiple: true },
    profiles: { type: 'string' },
    prometheus: { type: 'boolean', default: false },
  },
});

await installPackages(ROOT);
await installDebianPackages(values.prometheus ? ['time', 'prometheus'] : ['time']);
await must(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', EXAMPLE], {
  cwd: ROOT,
});
const { VARIANTS } = createRequire(import.meta.url)(join(EXAMPLE, 'build/src/variants.js'));
const variants = values.variant ?? Object.keys(VARIANTS);
const directory = join(ROOT, '.cache/hunt');
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const log = join(directory, 'log');

const prometheus = values.prometheus
  ? await startPrometheus(join(EXAMPLE, 'prometheus.yml'), directory)
  : undefined;
if (prometheus !== undefined) console.error(`Prometheus: ${prometheus.url}`);

console.error(`Node.js ${process.version}; writing a log of ${values.samples} samples ...`);
await must(process.execPath, [
  join(EXAMPLE, 'build/src/generate.js'),
  ...['--log', log, '--samples', values.samples],
]);
const rows = [];
for (const variant of variants) {
  console.error(
    `${rows.length + 1} of ${variants.length}, ${variant}: ${VARIANTS[variant]?.change}`,
  );
  const row = await measure(variant);
  rows.push(row);
  console.error(`  ${row.user} s user, ${row.system} s system, ${row.elapsed} s elapsed`);
}
rmSync(log, { recursive: true });
printTable(rows);
const hashes = new Set(rows.map(({ hash }) => hash));
if (hashes.size > 1) {
  console.error(`the variants loaded different data: ${[...hashes].join(', ')}`);
  process.exitCode = 1;
}

if (prometheus !== undefined) {
  console.error(`Prometheus serves the figures at ${prometheus.url} until Ctrl-C`);
  await prometheus.ended;
}

/** Runs a variant under `time -v`. */
async function measure(variant) {
  const report = join(directory, 'time.txt');
  const replay = [join(EXAMPLE, 'build/src/replay.js'), '--json'];
  const options = ['--log', log, '--variant', variant, '--window', '2'];
  if (values.profiles !== undefined) options.push('--profiles', join(values.profiles, variant));
  if (prometheus !== undefined) options.push('--last-scrape');
  const time = ['-v', '-o', report, process.execPath];
  const output = await capture(DEBIAN_FILES.time, [...time, ...replay, ...options]);
  const { hash, cpu } = JSON.parse(output);
  const scraped = await prometheus?.scalar(
    `sum(max_over_time(rulescope_rule_cpu_time_total{rulescope_rule_id="replay-${variant}"}[1h]))`,
  );
  return { variant, hash, cpu, scraped, ...parseTime(readFileSync(report, 'utf8')) };
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
  console.log(`Node.js ${process.version}, ${values.samples} samples. Seconds of CPU by rulescope:
  rule       of the rule
  gc in it   its part that is garbage collection
  scraped    of the rule, as Prometheus has it
  all        of the process: the ledger and what was used before it began; off: against user + system`);
  console.table(
    Object.fromEntries([
      ...rows.map((row) => [row.variant, rowOf(row, rows[0])]),
      ...STORY.map((row) => [row.variant, rowOf(row, STORY[0])]),
    ]),
  );
}

function rowOf({ user, system, elapsed, peak, cpu, scraped }, first) {
  const all = cpu && cpu.beforeSampling + sum(Object.values(cpu.sources));
  return {
    user,
    system,
    elapsed,
    'peak MB': Math.round(peak / 1000),
    ...(cpu !== undefined && {
      rule: Number(cpu.rule.toFixed(2)),
      'gc in it': `${Math.round((100 * cpu.ruleGc) / cpu.rule)} %`,
      ...(scraped !== undefined && { scraped: Number(scraped.toFixed(2)) }),
      all: Number(all.toFixed(2)),
      off: `${(100 * (all / (user + system) - 1)).toFixed(1)} %`,
    }),
    'user ratio': Number((first.user / user).toFixed(2)),
    'elapsed ratio': Number((first.elapsed / elapsed).toFixed(2)),
    'peak ratio': Number((first.peak / peak).toFixed(2)),
  };
}

function sum(numbers) {
  return numbers.reduce((total, x) => total + x, 0);
}
