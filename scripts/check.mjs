/** `npm run check`: lint, format, dead code, and whether the packages are fit to be published. */
import { join } from 'node:path';
import { ROOT } from './lib/install.mjs';
import { run } from './lib/run.mjs';

const PUBLISHED = ['fair-sampling', 'profiler', 'instrumentation', 'exporter', 'rulescope'];

const steps = [
  ['types', 'tsc', ['-b']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['dead code', 'knip', []],
  ...PUBLISHED.flatMap((name) => [
    [`publint ${name}`, 'publint', ['--strict', `packages/${name}`]],
    [
      `types of ${name} under import and require`,
      'attw',
      ['--profile', 'node16', '--pack', `packages/${name}`],
    ],
  ]),
];

const failed = [];
for (const [what, command, args] of steps) {
  console.log(`--- ${what}`);
  const path = join(ROOT, 'node_modules/.bin', command);
  if ((await run(path, args, { cwd: ROOT })) !== 0) failed.push(what);
}
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
