import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SamplerUnavailableError } from '../../src/base/errors';
import { type LoadedModules, type Loader, OtherSamplers } from '../../src/sampler/OtherSamplers';
import { runInChild } from '../support/runInChild';

/**
 * Creates the parts of a copy of the package that matter here: the native module with its class,
 * the module that re-exports the class, and `time`.
 */
function copyAt(folder: string) {
  class TimeProfiler {
    starts = 0;
    start(): void {
      this.starts++;
    }
  }
  const addon = { TimeProfiler, heapProfiler: {} };
  const bindings = { TimeProfiler };
  const time = { started: false, isStarted: () => time.started };
  const modules: LoadedModules = {
    [`${folder}/prebuilds/linux-x64/it.node`]: { exports: addon },
    [`${folder}/out/src/time-profiler-bindings.js`]: { exports: bindings },
    [`${folder}/out/src/time-profiler.js`]: { exports: time },
  };
  return { TimeProfiler, addon, bindings, time, modules };
}

describe('OtherSamplers', () => {
  const own = copyAt('/app/node_modules/@datadog/pprof');
  const other = copyAt('/app/node_modules/peer/node_modules/@datadog/pprof');
  const loader: Loader = { dlopen: () => undefined };
  const { dlopen } = loader;
  const modules = { ...own.modules, ...other.modules, '/app/a.node': { exports: {} } };
  const others = new OtherSamplers(own.TimeProfiler, modules, loader);

  afterEach(() => {
    others.allow();
    own.time.started = other.time.started = false;
    assert.equal(loader.dlopen, dlopen);
    for (const { addon, bindings, TimeProfiler } of [own, other]) {
      assert.equal(addon.TimeProfiler, TimeProfiler);
      assert.equal(bindings.TimeProfiler, TimeProfiler);
    }
  });

  it('reports another copy that is sampling, with its folder and a remedy', () => {
    other.time.started = true;
    assert.throws(
      () => others.block(),
      (thrown) =>
        thrown instanceof SamplerUnavailableError &&
        /\(\/app\/node_modules\/peer\/node_modules\/@datadog\/pprof\)/.test(thrown.message) &&
        /stop that one, or .*overrides.*routeDatadogPprof\(\)/.test(thrown.message),
    );
    assert.equal(new other.bindings.TimeProfiler().starts, 0);
  });

  it('reports that the time of its own copy is sampling', () => {
    own.time.started = true;
    assert.throws(() => others.block(), /already .*call routeDatadogPprof\(\) before/);
  });

  it('prevents the creation of profilers until allow() is called', () => {
    others.block();
    for (const { bindings, addon } of [own, other]) {
      assert.throws(() => new bindings.TimeProfiler(), SamplerUnavailableError);
      assert.throws(() => new addon.TimeProfiler(), SamplerUnavailableError);
    }
    const kept = other.bindings.TimeProfiler;
    others.allow();
    const profiler = new kept();
    assert.ok(profiler instanceof other.TimeProfiler);
    profiler.start();
    assert.equal(profiler.starts, 1);
  });

  it('prevents the start of existing profilers, except those of our own copy', () => {
    others.block();
    assert.throws(() => new other.TimeProfiler().start(), SamplerUnavailableError);
    new own.TimeProfiler().start();
    others.allow();
    new other.TimeProfiler().start();
  });

  it('blocks a copy that is loaded later', () => {
    const late = copyAt('/late');
    others.block();
    loader.dlopen({ exports: late.addon }, '/late/build/Release/it.node');
    loader.dlopen({ exports: {} }, '/any.node');
    const guarded = late.addon.TimeProfiler;
    assert.throws(() => new guarded(), /second copy .*\(\/late\)/);
    others.allow();
    assert.equal(late.addon.TimeProfiler, late.TimeProfiler);
    assert.equal(new guarded().starts, 0);
  });

  it('keeps a later wrapper of dlopen, and then only passes calls on', () => {
    others.block();
    const ours = loader.dlopen;
    loader.dlopen = (...args) => ours(...args);
    others.allow();
    const late = copyAt('/late');
    loader.dlopen({ exports: late.addon }, '/late/build/Release/it.node');
    assert.equal(late.addon.TimeProfiler, late.TimeProfiler);
    loader.dlopen = dlopen;
  });
});

describe('a second copy of @datadog/pprof', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rulescope-copy-'));
  const modules = join(folder, 'node_modules');
  const copy = JSON.stringify(join(modules, '@datadog', 'pprof'));

  before(() => {
    const platform = `${process.platform}-${process.arch}`;
    for (const name of ['@datadog/pprof', 'node-gyp-build', 'pprof-format']) {
      cpSync(dirname(require.resolve(`${name}/package.json`)), join(modules, name), {
        recursive: true,
        filter: (path) => basename(dirname(path)) !== 'prebuilds' || basename(path) === platform,
      });
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  const PRELUDE = `
    const attempt = (name, fn) => {
      try { console.log(name, fn() ?? 'ok'); } catch (thrown) { console.log(name, thrown.name); }
    };
    const { sharedCollector } = load('index');
    const other = require(${copy}).time;
    const windows = [];
    const consume = () => sharedCollector().addConsumer('c', ({ error }) => windows.push(error?.name));
  `;

  it('cannot start while ours samples, and can start afterwards with its state unchanged', async () => {
    const result = await runInChild(`${PRELUDE}
      const consumer = consume();
      attempt('second', () => other.start());
      attempt('started', () => String(other.isStarted()));
      consumer.remove().then(() => {
        console.log('window', windows[0]);
        attempt('afterwards', () => other.start());
        attempt('stop', () => typeof other.stop());
      });
    `);
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout:
        'second SamplerUnavailableError\nstarted false\nwindow undefined\nafterwards ok\nstop object\n',
      stderr: '',
    });
  });

  it('keeps ours from starting until it stops', async () => {
    const result = await runInChild(`${PRELUDE}
      other.start();
      let consumer = consume();
      consumer.remove().then(() => {
        attempt('stop', () => typeof other.stop());
        return consume().remove();
      }).then(() => console.log('windows', windows));
    `);
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout: "stop object\nwindows [ 'SamplerUnavailableError', undefined ]\n",
      stderr: '',
    });
  });

  it('fails to start without a wrong state, even through the time of our own copy', async () => {
    const result = await runInChild(`${PRELUDE}
      const own = require('@datadog/pprof').time;
      const consumer = consume();
      attempt('second', () => own.start());
      attempt('started', () => String(own.isStarted()));
      consumer.remove();
    `);
    // Without the guard, `time` would report that it is started, and throw when the process ends.
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout: 'second SamplerUnavailableError\nstarted false\n',
      stderr: '',
    });
  });
});
