/** `npm run check`: checks types, lint, layers, format, dead code and the published packages. */
import { resolve } from 'node:path';
import { PUBLISHED, ROOT } from './lib/install.mjs';
import { run } from './lib/run.mjs';

const steps = [
  ['types', 'tsc', ['-b']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['layers', process.execPath, ['scripts/checkLayers.mjs']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['dead code', 'knip', []],
  ['declarations', process.execPath, ['scripts/declarations.mjs']],
  ...PUBLISHED.flatMap((name) => [
    [`publint ${name}`, 'publint', ['--strict', `packages/${name}`]],
    // This profile omits the resolution of TypeScript before 4.7, which does not support subpaths.
    [
      `types of ${name} under import and require`,
      'attw',
      ['--pack', `packages/${name}`, '--profile', 'node16'],
    ],
  ]),
];

const failed = [];
for (const [what, command, args] of steps) {
  console.log(`--- ${what}`);
  const path = resolve(ROOT, 'node_modules/.bin', command);
  if ((await run(path, args, { cwd: ROOT })) !== 0) failed.push(what);
}
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
