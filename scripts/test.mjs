/**
 * `npm test` and `npm run test:ecosystem`: install the requirements of the tests, build, and run
 * the suites of `lib/testRuns.mjs`: on Node.js 20 with OpenTelemetry SDK 2.x, and on 22, 24 and 26
 * with SDK 3.x. `npm test -- 24` runs all suites on one version.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installFromDebian } from './lib/debianReleases.mjs';
import { ROOT, build, installDebianPackages, installPackages } from './lib/install.mjs';
import { runMocha } from './lib/mocha.mjs';
import { NODE_VERSIONS, installNodes } from './lib/nodes.mjs';
import { SDK3, stageSdk3 } from './lib/stageSdk3.mjs';
import { planRuns } from './lib/testRuns.mjs';

const { values, positionals: chosen } = parseArgs({
  options: { ecosystem: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = chosen.filter((version) => !NODE_VERSIONS.includes(version));
if (unknown.length > 0) {
  console.error(
    `the Node.js version must be one of ${NODE_VERSIONS.join(', ')}; got ${unknown.join(' ')}`,
  );
  process.exit(2);
}
const runs = planRuns(chosen.length === 0 ? NODE_VERSIONS : chosen, values.ecosystem);

await installPackages(ROOT);
await installNodes();
if (values.ecosystem) {
  await installPackages(join(ROOT, 'benchmarks/peers'));
  await installPackages(join(ROOT, 'test/ecosystem/tools'));
}
await installDebianPackages([
  'gcc',
  'libc6-dev',
  'binutils',
  'prometheus',
  'chromium',
  'golang-go',
  'graphviz',
  'fonts-dejavu-core',
  'openssl',
  'protobuf-compiler',
  'postgresql',
  'redis-server',
  ...(values.ecosystem ? ['mariadb-server', 'rabbitmq-server'] : []),
]);
await installFromDebian('trixie', ['victoria-metrics']);
// The first release with the schema that OTLP profiles are encoded in.
await installFromDebian('forky', ['opentelemetry-proto']);
await build();
if (runs.some(({ sdk }) => sdk === '3')) await stageSdk3();

/** Time limit of a run. Without a limit, a run that hangs would hide every result. */
const LIMIT_MINUTES = values.ecosystem ? 30 : 9;
const totals = { passed: 0, failures: [] };
const waiting = runs.filter(({ alone }) => !alone);
let measuring = false;

/** Takes and runs waiting runs. Only one run that measures takes place at a time. */
async function work() {
  for (;;) {
    const next = waiting.findIndex(({ measures }) => !(measures && measuring));
    if (next === -1) return;
    const [run] = waiting.splice(next, 1);
    if (run.measures) measuring = true;
    await count(run);
    if (run.measures) measuring = false;
  }
}

async function count(run) {
  const title = `${run.name}, Node.js ${run.node}, OpenTelemetry SDK ${run.sdk}.x`;
  const start = performance.now();
  const { passed, failures } = await runMocha(run, run.sdk === '3' ? SDK3 : ROOT, LIMIT_MINUTES);
  const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
  console.log(`${seconds} s  ${title}: ${passed} passed, ${failures.length} failed`);
  totals.passed += passed;
  for (const failure of failures) totals.failures.push({ ...failure, run: title });
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
for (const run of runs.filter(({ alone }) => alone)) await count(run);

for (const { run, title, text } of totals.failures) console.log(`\n=== ${run}: ${title}\n${text}`);
console.log(`${totals.passed} passed, ${totals.failures.length} failed`);
process.exitCode = totals.failures.length > 0 ? 1 : 0;
