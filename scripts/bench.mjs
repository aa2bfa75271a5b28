/**
 * `npm run bench:accuracy`, `bench:idle`, `bench:labels`, `bench:pause`, `bench:startup`: installs the versions of Node.js and
 * the profilers to compare with, builds, and runs the benchmark. Its options go behind `--`; they are listed at the top of `benchmarks/src/<name>/main.ts`.
 */
import { join } from 'node:path';
import { ROOT, build, installPackages } from './lib/install.mjs';
import { installNodes } from './lib/nodes.mjs';
import { must } from './lib/run.mjs';

const [name, ...options] = process.argv.slice(2);

await installPackages(ROOT);
await installNodes();
await installPackages(join(ROOT, 'benchmarks/peers'));
await build();
await must(process.execPath, [join(ROOT, 'benchmarks/build/src', name, 'main.js'), ...options]);
