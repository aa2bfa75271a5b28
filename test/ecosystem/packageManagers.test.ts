import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import {
  appFolder,
  application,
  emptyFolder,
  examples,
  openTelemetry,
  output,
  packedPackages,
} from './support/application';
import { type Figures, assertMeasured } from './support/figures';

/** Returns the manifest of an application. Its manager takes our packages from the packed files. */
async function manifest(more: object): Promise<string> {
  const dependencies = {
    rulescope: (await packedPackages())['rulescope'],
    ...openTelemetry('api', 'sdk-metrics'),
  };
  return JSON.stringify({ name: 'app', private: true, type: 'module', dependencies, ...more });
}

/** Finds the figures among the other lines that a package manager prints. */
function figuresIn(printed: string): Figures {
  assert.doesNotMatch(printed, /RULESCOPE_|rulescope:/);
  const [line = 'no figures'] = /^\{.*\}$/m.exec(printed) ?? [];
  return JSON.parse(line) as Figures;
}

describe('an application that is installed', () => {
  let registry: string;
  let folder: string;
  let pnpm: string;
  before(async () => {
    folder = emptyFolder('managed');
    // The package `pnpm` cannot be locked: it depends on one package for each platform.
    pnpm = join(await application(), 'node_modules/@pnpm/exe.linux-x64/pnpm');
    registry = (await output('npm', ['config', 'get', 'registry'], { cwd: folder })).trim();
  });

  it('by pnpm measures its rules', async () => {
    const overrides = JSON.stringify(await packedPackages()); // JSON is YAML.
    const directory = appFolder(folder, 'pnpm', ['bundled', 'measure.cjs'], {
      'package.json': await manifest({}),
      'pnpm-workspace.yaml': `${examples('pnpm').join('')}overrides: ${overrides}\n`,
    });
    await output(pnpm, ['install', '--store-dir', emptyFolder('pnpm-store')], { cwd: directory });
    assertMeasured(figuresIn(await output('node', ['app.js'], { cwd: directory })));
  });

  it("by Yarn Plug'n'Play measures its rules", async () => {
    const directory = appFolder(folder, 'yarn', ['bundled', 'measure.cjs'], {
      'package.json': await manifest({ resolutions: await packedPackages() }),
      'yarn.lock': '',
      '.yarnrc.yml': 'nodeLinker: pnp\n',
    });
    const env = { YARN_NPM_REGISTRY_SERVER: registry, YARN_GLOBAL_FOLDER: emptyFolder('yarn') };
    await output('yarn', ['install', '--no-immutable'], { cwd: directory, env });
    assertMeasured(figuresIn(await output('yarn', ['node', 'app.js'], { cwd: directory, env })));
  });
});
