import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as here from '../../src/native/requirePprof';

const load = createRequire(__filename);
const FILE = load.resolve('../../src/native/requirePprof');
const BINDINGS = 'time-profiler-bindings';

/** Loads the file as a bundle runs it: elsewhere, with the `require` that the bundler left. */
function inBundle(
  requireOfBundle: (name: string) => unknown,
  files: Readonly<Record<string, string>> = { __filename: join(tmpdir(), 'bundle.js') },
): typeof here {
  const exports = {};
  const scope: Record<string, unknown> = { exports, require: requireOfBundle, ...files };
  const run = compileFunction(readFileSync(FILE, 'utf8'), Object.keys(scope)) as (
    ...values: unknown[]
  ) => void;
  run(...Object.values(scope));
  return exports as typeof here;
}

describe('requirePprof', () => {
  const direct = here.requirePprof(BINDINGS);

  it('loads a module of the package', () => {
    assert.equal(direct, load('@datadog/pprof/out/src/time-profiler-bindings'));
  });

  it('loads the same module in a bundle that does not find the package by its own file', () => {
    const { requirePprof } = inBundle(load);
    assert.equal(requirePprof(BINDINGS), direct);
  });

  it('loads the same module in a bundle that does not know its own file', () => {
    const { requirePprof } = inBundle(load, {});
    assert.equal(requirePprof(BINDINGS), direct);
  });

  it('throws the error of Node.js if the package is not there', () => {
    const { requirePprof } = inBundle((name) => {
      if (name !== 'node:module') throw new Error('inside the bundle, and broken');
      return load(name) as unknown;
    });
    assert.throws(() => requirePprof(BINDINGS), { code: 'MODULE_NOT_FOUND' });
  });

  it('refuses a copy inside the bundle, of which it sees the public exports only', () => {
    const { requirePprof } = inBundle((name) => (name === 'node:module' ? load(name) : {}), {});
    assert.throws(() => requirePprof(BINDINGS), /@datadog\/pprof is inside the bundle/);
  });

  it('throws the error of a package that is found and does not load', () => {
    assert.throws(
      () => here.requirePprof('missing-module'),
      /Cannot find module '.*missing-module'/,
    );
  });

  it('knows the modules that Node.js has loaded, also in a bundle', () => {
    // The `require` of a bundle has no `cache`, or another one.
    const { loadedModules } = inBundle((name) => load(name) as unknown);
    assert.equal(loadedModules(), load.cache);
  });
});
