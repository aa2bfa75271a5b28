import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const HOOK = JSON.stringify(join(__dirname, '../../src/zeroCode/hookImports'));

/** Libraries whose exports say who has changed them. */
const LIBRARIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'es-library': {
    'package.json': '{ "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    'index.js': `export { state } from './inner/state.js';`,
    'inner/state.js': `export let state = 'original';`,
  },
  'common-library': {
    'package.json': '{ "version": "1.0.0" }',
    'index.js': `exports.state = exports.other = 'original';`,
  },
  'other-library': {
    'package.json': '{ "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    'index.js': `export let other = 'original';`,
  },
};

/** Hooks imports for an adapter that changes the first two libraries. */
const ADAPTER = `
  const { JsonRulesEngineAdapter } = require(require.resolve('@rulescope/instrumentation/adapters'));
  const { hookImports } = require(${HOOK});
  class Adapter extends JsonRulesEngineAdapter {
    files() {
      const patch = (exports) => void (exports.state = 'by rulescope');
      return [
        { library: 'es-library', versions: ['*'], path: 'inner/state.js', patch },
        { library: 'common-library', versions: ['*'], patch },
      ];
    }
  }
  hookImports([new Adapter()]);
`;

/** Changes the last two libraries as OpenTelemetry's instrumentations do. */
const OTHER = `
  const { register } = require('node:module');
  const {
    InstrumentationBase, InstrumentationNodeModuleDefinition,
  } = require('@opentelemetry/instrumentation');
  class Other extends InstrumentationBase {
    init() {
      const patch = (exports) => Object.assign(exports, { other: 'by another' });
      return ['common-library', 'other-library'].map(
        (library) => new InstrumentationNodeModuleDefinition(library, ['*'], patch));
    }
  }
  new Other('other', '1.0.0', {});
  register('@opentelemetry/instrumentation/hook.mjs', 'file://' + __filename);
`;

const APP = `
  import { state as ofEs } from 'es-library';
  import { state as ofCommon, other as ofBoth } from 'common-library';
  import { other as ofOther } from 'other-library';
  console.log([ofEs, ofCommon, ofBoth, ofOther].join());
`;

describe('hookImports', () => {
  let directory: string;
  before(() => {
    // Below this folder, the programs find the packages of this run.
    directory = mkdtempSync(join(__dirname, 'imports-'));
    const required = `require('node:fs').writeSync(1, 'required ');`;
    const files = {
      'adapter.cjs': ADAPTER,
      'other.cjs': OTHER,
      'required.cjs': required,
      'app.mjs': APP,
    };
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
    for (const [library, texts] of Object.entries(LIBRARIES)) {
      for (const [file, text] of Object.entries(texts)) {
        const path = join(directory, 'node_modules', library, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
  });
  after(() => rmSync(directory, { recursive: true }));

  /** Returns what the program prints with these options of Node.js. */
  async function printed(...options: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [...options, 'app.mjs'], {
      cwd: directory,
      timeout: 55_000,
      killSignal: 'SIGKILL',
    });
    return stdout.trim();
  }

  it('changes the main file of a CommonJS package and any file of an ES module', async () => {
    assert.equal(
      await printed('--import', './adapter.cjs'),
      'by rulescope,by rulescope,original,original',
    );
  });

  it('lets no required file run a second time', async () => {
    const output = await printed('--require', './required.cjs', '--import', './adapter.cjs');
    assert.match(output, /,original,original$/);
    assert.equal(output.match(/required/g)?.length, 1);
  });

  it('disturbs no other hook, before it or after it', async () => {
    const all = 'by rulescope,by rulescope,by another,by another';
    assert.equal(await printed('--import', './adapter.cjs', '--import', './other.cjs'), all);
    assert.equal(await printed('--import', './other.cjs', '--import', './adapter.cjs'), all);
  });
});
