/**
 * `npm run soak` and `npm run fuzz`: the long runs, each on several versions of Node.js.
 *
 *     npm run soak                everything under load, ten minutes (test/soak/main.ts)
 *     npm run soak -- workers     terminates 20,000 workers (test/soak/terminations.ts)
 *     npm run fuzz                everything in random order, ten minutes (test/fuzz/main.ts)
 *
 * Option `--node 24,26` chooses the versions; the programs document the other options.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, build, installPackages } from './lib/install.mjs';
import { NODE_VERSIONS, installNodes, nodeBinary } from './lib/nodes.mjs';
import { run } from './lib/run.mjs';

const PROGRAMS = {
  load: { file: 'soak/main.js', nodes: '20,24', options: ['minutes'] },
  workers: { file: 'soak/terminations.js', nodes: '20,26', options: ['count'] },
  fuzz: { file: 'fuzz/main.js', nodes: '20,26', options: ['minutes', 'seed'] },
};

const { values, positionals } = parseArgs({
  options: Object.fromEntries(
    ['node', 'minutes', 'count', 'seed'].map((name) => [name, { type: 'string' }]),
  ),
  allowPositionals: true,
});
const [name = 'load'] = positionals;
const program = PROGRAMS[name];
if (program === undefined) {
  console.error(`the run must be one of ${Object.keys(PROGRAMS).join(', ')}; got ${name}`);
  process.exit(2);
}
const { node = program.nodes, ...given } = values;
const foreign = Object.keys(given).filter((option) => !program.options.includes(option));
if (foreign.length > 0) {
  console.error(
    `--${foreign[0]} is no option of ${name}, which has --${program.options.join(', --')}`,
  );
  process.exit(2);
}
const versions = node.split(',');
const unknown = versions.filter((version) => !NODE_VERSIONS.includes(version));
if (unknown.length > 0) {
  console.error(
    `--node must be versions of ${NODE_VERSIONS.join(', ')}; got ${unknown.join(', ')}`,
  );
  process.exit(2);
}

/**
 * The C library gives each thread an arena, and an arena keeps the most memory that its threads ever
 * used at one time. A single arena has its full size sooner than many.
 */
const env = { ...process.env, MALLOC_ARENA_MAX: '1' };

await installPackages(ROOT);
await installNodes();
await build();
for (const version of versions) {
  const args = Object.entries(given).flatMap(([option, value]) => [`--${option}`, value]);
  const file = join(ROOT, 'test/build', program.file);
  if ((await run(nodeBinary(version), [file, ...args], { env })) !== 0) process.exitCode = 1;
}
