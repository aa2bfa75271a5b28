/**
 * `npm run bench:<name>` with accuracy, export, idle, labels, pause, profile or startup: installs the
 * versions of Node.js and the other profilers, builds, and runs the benchmark. Write options after
 * `--`; `benchmarks/src/<name>/main.ts` lists them.
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
