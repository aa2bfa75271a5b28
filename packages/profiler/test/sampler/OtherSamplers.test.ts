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
    stop(_restart: boolean): object {
      return { hits: 1 };
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

/** Returns the functions in a recording. */
function rootOf(recording: unknown): unknown[] {
  return (recording as { topDownRoot: { children: unknown[] } }).topDownRoot.children;
}

describe('OtherSamplers', () => {
  // Names of folders must not matter.
  const own = copyAt('/build/prebuilds/app/node_modules/@datadog/pprof');
  const other = copyAt('/build/prebuilds/app/node_modules/peer/node_modules/@datadog/pprof');
  const loader: Loader = { dlopen: () => undefined };
  const { dlopen } = loader;
  const modules = { ...own.modules, ...other.modules, '/app/a.node': { exports: {} } };
  const warnings: string[] = [];
  const others = new OtherSamplers(own.TimeProfiler, modules, loader, (message) =>
    warnings.push(message),
  );

  afterEach(() => {
    others.allow();
    warnings.length = 0;
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
        /\(\/build\/prebuilds\/app\/node_modules\/peer\/node_modules\/@datadog\/pprof\)/.test(
          thrown.message,
        ) &&
        /stop that one, or .*overrides.*routeDatadogPprof\(\)/.test(thrown.message),
    );
    assert.equal(new other.bindings.TimeProfiler().starts, 0);
  });

  it('reports that the time of its own copy is sampling', () => {
    own.time.started = true;
    assert.throws(() => others.block(), /already .*call routeDatadogPprof\(\) before/);
  });

  it('silences profilers that are created, until allow() is called', () => {
    others.block();
    for (const { bindings, addon } of [own, other]) {
      for (const { TimeProfiler } of [bindings, addon]) {
        const profiler = new TimeProfiler();
        profiler.start();
        assert.equal(profiler.starts, 0);
        assert.deepEqual(rootOf(profiler.stop(true)), []);
        assert.deepEqual(rootOf(profiler.stop(false)), []);
      }
    }
    assert.equal(warnings.length, 4, warnings.join('\n'));
    const kept = other.bindings.TimeProfiler;
    others.allow();
    const profiler = new kept();
    assert.ok(profiler instanceof other.TimeProfiler);
    profiler.start();
    assert.equal(profiler.starts, 1);
  });

  it('silences the start of existing profilers, except those of our own copy', () => {
    others.block();
    const profiler = new other.TimeProfiler();
    profiler.start();
    assert.equal(profiler.starts, 0);
    const ours = new own.TimeProfiler();
    ours.start();
    assert.equal(ours.starts, 1);
    profiler.stop(false);
    others.allow();
    const later = new other.TimeProfiler();
    later.start();
    assert.equal(later.starts, 1);
  });

  it('lets a silent profiler start when its owner closes a recording after allow()', () => {
    others.block();
    const profiler = new other.bindings.TimeProfiler();
    profiler.start();
    others.allow();
    assert.equal(profiler.starts, 0);
    assert.deepEqual(rootOf(profiler.stop(true)), []);
    assert.equal(profiler.starts, 1);
    assert.deepEqual(profiler.stop(false), { hits: 1 });
  });

  it('does not take a silent profiler for a running one', () => {
    others.block();
    const profiler = new other.bindings.TimeProfiler();
    profiler.start();
    other.time.started = true;
    others.allow();
    others.block();
    others.allow();
    profiler.stop(true);
    assert.throws(() => others.block(), /another copy/);
  });

  it('warns about either kind of trouble, with a remedy', () => {
    other.time.started = true;
    assert.throws(() => others.block(), SamplerUnavailableError);
    other.time.started = false;
    others.block();
    const profiler = new other.bindings.TimeProfiler();
    profiler.start();
    profiler.stop(false);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0]!, /^rulescope does not sample this thread: .* install one copy/);
    assert.match(warnings[1]!, /another profiler was started .* install one copy/);
  });

  it('silences a copy that is loaded later', () => {
    const late = copyAt('/late');
    others.block();
    loader.dlopen({ exports: late.addon }, '/late/build/Release/it.node');
    loader.dlopen({ exports: {} }, '/any.node');
    const guarded = late.addon.TimeProfiler;
    const profiler = new guarded();
    profiler.start();
    assert.equal(profiler.starts, 0);
    assert.match(warnings.join(), /another profiler was started .*\(\/late\/build\/Release\)/);
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

  /** Checks the end of a child, what it printed and that it warned once, with `warning`. */
  async function check(script: string, stdout: string, warning: RegExp): Promise<void> {
    const result = await runInChild(`${PRELUDE}${script}`);
    const { code, signal, stderr } = result;
    assert.deepEqual({ code, signal, stdout: result.stdout }, { code: 0, signal: null, stdout });
    assert.match(stderr, warning);
    assert.equal(stderr.match(/RULESCOPE_OTHER_PROFILER/g)?.length, 1, stderr);
  }

  it('goes without while ours samples, and can start afterwards with its state unchanged', async () => {
    await check(
      `
      const consumer = consume();
      attempt('second', () => other.start());
      attempt('stop', () => other.stop().sample.length);
      attempt('started', () => String(other.isStarted()));
      consumer.remove().then(() => {
        console.log('window', windows[0]);
        attempt('afterwards', () => other.start());
        attempt('stop', () => typeof other.stop());
      });
    `,
      'second ok\nstop 0\nstarted false\nwindow undefined\nafterwards ok\nstop object\n',
      /another profiler was started/,
    );
  });

  it('keeps ours from starting until it stops', async () => {
    await check(
      `
      other.start();
      let consumer = consume();
      consumer.remove().then(() => {
        attempt('stop', () => typeof other.stop());
        return consume().remove();
      }).then(() => console.log('windows', windows));
    `,
      "stop object\nwindows [ 'SamplerUnavailableError', undefined ]\n",
      /rulescope does not sample this thread/,
    );
  });

  it('may be our own copy: its time goes without and does not throw when the process ends', async () => {
    await check(
      `
      const own = require('@datadog/pprof').time;
      const consumer = consume();
      attempt('second', () => own.start({ withContexts: true }));
      attempt('context', () => own.setContext({}));
      attempt('restart', () => own.stop(true).sample.length);
      consumer.remove();
    `,
      'second ok\ncontext ok\nrestart 0\n',
      /call routeDatadogPprof\(\) before it starts/,
    );
  });
});
