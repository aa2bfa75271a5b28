import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, installPackages } from './install.mjs';

export const SDK3 = join(ROOT, '.cache/sdk3');

const WORKSPACES = {
  '@rulescope/fair-sampling': 'packages/fair-sampling',
  '@rulescope/profiler': 'packages/profiler',
  '@rulescope/instrumentation': 'packages/instrumentation',
  '@rulescope/exporter': 'packages/exporter',
  rulescope: 'packages/rulescope',
  '@rulescope/example-cloud': 'examples/cloud',
  '@rulescope/example-demo': 'examples/demo',
  '@rulescope/example-hunt': 'examples/hunting-a-hot-spot',
  '@rulescope/example-quickstart': 'examples/quickstart',
  '@rulescope/example-zero-code': 'examples/zero-code',
  '@rulescope/dashboards': 'dashboards',
  '@rulescope/benchmarks': 'benchmarks',
  '@rulescope/system-tests': 'test',
};

/**
 * Copies the compiled workspaces next to a `node_modules` with SDK 3.x. They resolve OpenTelemetry
 * there, and all other packages in the `node_modules` of the repository.
 */
export async function stageSdk3() {
  mkdirSync(SDK3, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(ROOT, 'test/matrix/sdk3', file), join(SDK3, file));
  }
  await installPackages(SDK3);
  mkdirSync(join(SDK3, 'node_modules/@rulescope'), { recursive: true });
  for (const [name, directory] of Object.entries(WORKSPACES)) {
    rmSync(join(SDK3, directory), { recursive: true, force: true });
    cpSync(join(ROOT, directory), join(SDK3, directory), {
      recursive: true,
      filter: (path) => !/node_modules|[/\\](matrix|peers)/.test(path.slice(ROOT.length)),
    });
    const link = join(SDK3, 'node_modules', name);
    rmSync(link, { force: true });
    symlinkSync(join(SDK3, directory), link, 'dir');
  }
  // A test reads README.md.
  for (const file of ['.mocharc.json', 'README.md']) cpSync(join(ROOT, file), join(SDK3, file));
}
