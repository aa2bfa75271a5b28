/**
 * `npm run conformance`: runs the conformance scenarios under rulescope and other profilers, on
 * Node.js 20, 22, 24 and 26 (`-- 24`: only on 24). Prints a table with the share of samples that
 * have the right label. Fails unless all labels of rulescope are right.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, build, installPackages } from './lib/install.mjs';
import { NODE_VERSIONS, installNodes, nodeBinary } from './lib/nodes.mjs';

const SUBJECTS = ['rulescope', 'pyroscope', 'dd-trace'];

const chosen = process.argv.slice(2);
const versions = NODE_VERSIONS.filter((each) => chosen.length === 0 || chosen.includes(each));

await installPackages(ROOT);
await installNodes();
await installPackages(join(ROOT, 'benchmarks/peers'));
await build();

const columns = [];
for (const subject of SUBJECTS) {
  for (const version of versions) columns.push({ subject, version });
}
for (const column of columns) {
  const run = [join(ROOT, 'test/build/conformance/run.js'), column.subject];
  const { stdout } = await promisify(execFile)(nodeBinary(column.version), run, {
    maxBuffer: 1 << 24,
  });
  column.verdicts = new Map(JSON.parse(stdout).map((each) => [each.scenario, each]));
}

/** Returns `yes`, the share of samples with the right label, or `-` if the scenario did not run. */
function cell({ verdicts }, scenario) {
  const verdict = verdicts.get(scenario);
  if (verdict === undefined) return '-';
  if (verdict.unseen) return 'too few samples';
  if (isRight(verdict)) return 'yes';
  return `${Math.floor((100 * verdict.right) / verdict.hits)} %`;
}

function isRight(verdict) {
  return !verdict.unseen && verdict.right === verdict.hits;
}

const scenarios = [...columns[0].verdicts.keys()];
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
row(['work moved by', ...columns.map(({ subject, version }) => `${subject}, Node.js ${version}`)]);
row(['---', ...columns.map(() => '---')]);
for (const scenario of scenarios) {
  row([scenario, ...columns.map((column) => cell(column, scenario))]);
}
const right = ({ verdicts }) => [...verdicts.values()].filter(isRight).length;
row(['**all right**', ...columns.map((each) => `${right(each)} of ${each.verdicts.size}`)]);

for (const { subject, version, verdicts } of columns) {
  if (subject !== 'rulescope') continue;
  for (const verdict of verdicts.values()) {
    if (isRight(verdict)) continue;
    console.error(`Node.js ${version}, ${verdict.scenario}: ${verdict.mistakes.join('; ')}`);
    process.exitCode = 1;
  }
}
