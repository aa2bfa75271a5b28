import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SamplerUnavailableError } from '../../src/base/errors';
import { type LoadedModules, type Loader, OtherSamplers } from '../../src/sampler/OtherSamplers';
import { runInChild } from '../support/runInChild';

/** A copy of the package as far as it matters: native class, the module that hands it on, and `time`. */
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
    others.letIn();
    own.time.started = other.time.started = false;
    assert.equal(loader.dlopen, dlopen);
    for (const { addon, bindings, TimeProfiler } of [own, other]) {
      assert.equal(addon.TimeProfiler, TimeProfiler);
      assert.equal(bindings.TimeProfiler, TimeProfiler);
    }
  });

  it('finds another copy that is sampling, and says where and what to do', () => {
    other.time.started = true;
    assert.throws(
      () => others.shutOut(),
      (thrown) =>
        thrown instanceof SamplerUnavailableError &&
        /\(\/app\/node_modules\/peer\/node_modules\/@datadog\/pprof\)/.test(thrown.message) &&
        /stop that one, or .*overrides.*routeDatadogPprof\(\)/.test(thrown.message),
    );
    assert.equal(new other.bindings.TimeProfiler().starts, 0);
  });

  it('finds that its own copy is sampling past it', () => {
    own.time.started = true;
    assert.throws(() => others.shutOut(), /already .*call routeDatadogPprof\(\) before/);
  });

  it('lets nobody make a profiler until it ends, and everybody then', () => {
    others.shutOut();
    for (const { bindings, addon } of [own, other]) {
      assert.throws(() => new bindings.TimeProfiler(), SamplerUnavailableError);
      assert.throws(() => new addon.TimeProfiler(), SamplerUnavailableError);
    }
    const kept = other.bindings.TimeProfiler;
    others.letIn();
    const profiler = new kept();
    assert.ok(profiler instanceof other.TimeProfiler);
    profiler.start();
    assert.equal(profiler.starts, 1);
  });

  it('lets no profiler start that was made past it, but for our own', () => {
    others.shutOut();
    assert.throws(() => new other.TimeProfiler().start(), SamplerUnavailableError);
    new own.TimeProfiler().start();
    others.letIn();
    new other.TimeProfiler().start();
  });

  it('meets a copy that is loaded meanwhile', () => {
    const late = copyAt('/late');
    others.shutOut();
    loader.dlopen({ exports: late.addon }, '/late/build/Release/it.node');
    loader.dlopen({ exports: {} }, '/any.node');
    const guarded = late.addon.TimeProfiler;
    assert.throws(() => new guarded(), /second copy .*\(\/late\)/);
    others.letIn();
    assert.equal(late.addon.TimeProfiler, late.TimeProfiler);
    assert.equal(new guarded().starts, 0);
  });

  it('leaves a wrapper that somebody has put around its own, which then does nothing', () => {
    others.shutOut();
    const ours = loader.dlopen;
    loader.dlopen = (...args) => ours(...args);
    others.letIn();
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

  it('cannot start while ours samples, and can afterwards; its state is as if it had not tried', async () => {
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

  it('that samples keeps ours from starting, until it stops', async () => {
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

  it('of our own kind, past the route, fails cleanly too', async () => {
    const result = await runInChild(`${PRELUDE}
      const own = require('@datadog/pprof').time;
      const consumer = consume();
      attempt('second', () => own.start());
      attempt('started', () => String(own.isStarted()));
      consumer.remove();
    `);
    // Without us it would say it is started, and throw when the process ends.
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout: 'second SamplerUnavailableError\nstarted false\n',
      stderr: '',
    });
  });
});
