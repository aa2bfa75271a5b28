import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundle } from '../support/bundle';
import { run } from '../support/processes';

const ENTRY = join(__dirname, '../support/bundledApp.js');

describe('a bundle of rulescope', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'rulescope-bundle-'))));
  after(() => rmSync(directory, { recursive: true }));

  /** Runs the bundle in an empty folder, which has the packages `beside`. */
  async function deploy(externals: readonly string[], beside: readonly string[]): Promise<string> {
    const place = mkdtempSync(join(directory, 'place-'));
    writeFileSync(join(place, 'bundle.js'), bundle(ENTRY, externals));
    const profiler = createRequire(require.resolve('@rulescope/profiler'));
    for (const name of beside) {
      const link = join(place, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(dirname(profiler.resolve(`${name}/package.json`)), link);
    }
    const program = run(process.execPath, ['bundle.js'], { cwd: place });
    assert.deepEqual(await program.ended, { code: 0, signal: null }, program.output());
    return program.output();
  }

  it('samples fairly and says nothing with @datadog/pprof alone beside it', async () => {
    const printed = await deploy(['@datadog/pprof'], ['@datadog/pprof']);
    assert.equal(printed, '{"measured":true,"fair":true}\n');
  });

  it('needs no external where the package is installed', async () => {
    const printed = await deploy([], ['@datadog/pprof']);
    assert.equal(printed, '{"measured":true,"fair":true}\n');
  });

  it('says once which external is missing, and runs on', async () => {
    const printed = await deploy([], []);
    assert.match(printed, /^\{"measured":false,"fair":false\}$/m);
    const warnings = printed.match(/\[RULESCOPE_\w+\].*/g) ?? [];
    assert.equal(warnings.length, 1, printed);
    assert.match(warnings[0], /make "@datadog\/pprof" external in the bundler/);
  });
});
