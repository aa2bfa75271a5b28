import assert from 'node:assert/strict';
import { toPprof } from '../../src/pprof/toPprof';
import { EventEmitter, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { InvalidOptionError } from '../../src/base/errors';
import { sharedCollector } from '../../src/thread/sharedCollector';
import { getLabels, runWithLabels, labelStorage } from '../../src/thread/threadLabels';
import { samplerSupport } from '../../src/thread/threadSampler';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { assertClose } from '../support/assertClose';
import { burnCpu } from '../support/burn';
import { LogSpy } from '../support/LogSpy';
import { endurance } from '../support/endurance';
import { runInChild } from '../support/runInChild';

// Windows end only when these tests end them. Other tests stop their own samplers.
const OPTIONS = { samplingIntervalMicros: 1_009, windowMillis: 600_000 };
const collector = sharedCollector(OPTIONS);

/** Profiles `fn` and returns the windows. */
async function profile(fn: () => unknown): Promise<ProfileWindow[]> {
  const windows: ProfileWindow[] = [];
  const consumer = collector.addConsumer('test', (window) => windows.push(window));
  try {
    await fn();
  } finally {
    await consumer.remove();
  }
  return windows;
}

async function profileOne(fn: () => unknown): Promise<ProfileWindow> {
  const [window, ...others] = await profile(fn);
  assert.ok(window !== undefined && others.length === 0);
  assert.equal(window.error, undefined);
  return window;
}

describe('samplerSupport', () => {
  it('reports that this thread can be sampled, and how labels travel', () => {
    const { supported, reason, asyncContextFrame } = samplerSupport();
    assert.ifError(reason);
    assert.equal(supported, true);
    const flags = [...process.execArgv, process.env['NODE_OPTIONS']].join(' ');
    const major = Number(process.versions.node.split('.')[0]);
    const expected = major >= 24 ? !flags.includes('--no-') : flags.includes('context-frame');
    assert.equal(asyncContextFrame, expected);
  });

  it('starts nothing', () => {
    const before = process.listenerCount('exit');
    samplerSupport();
    assert.equal(collector.running, false);
    assert.equal(process.listenerCount('exit'), before);
  });

  it('reports the reason if the native part does not load; labels still travel', async () => {
    const { stdout, stderr } = await runInChild(`
      const Module = require('node:module');
      const original = Module._load;
      Module._load = function (request, ...rest) {
        if (request.startsWith('@datadog/pprof')) throw new Error('no build\\nfor you');
        return original.call(this, request, ...rest);
      };
      const { samplerSupport, sharedCollector, runWithLabels, getLabels } = load('index');
      const { supported, reason } = samplerSupport();
      console.log(supported, reason.name, reason.message);
      runWithLabels({ rule: 'a' }, async () => {
        await null;
        console.log(getLabels());
        const consumer = sharedCollector().addConsumer('c', ({ error }) => console.log(error.message === reason.message));
        await consumer.remove();
      });
    `);
    assert.deepEqual(stderr.match(/\[RULESCOPE_\w+\] Warning/g), [
      '[RULESCOPE_NO_SAMPLER] Warning',
    ]);
    const [support, labels, window] = stdout.trim().split('\n');
    assert.match(support ?? '', /^false SamplerUnavailableError .*@datadog\/pprof.*\(no build\): /);
    assert.equal(labels, "{ rule: 'a' }");
    assert.equal(window, 'true');
  });

  it('reports the same in a second copy of the package', async () => {
    const { stdout, stderr } = await runInChild(`
      const Module = require('node:module');
      const original = Module._load;
      Module._load = function (request, ...rest) {
        if (request.startsWith('@datadog/pprof')) throw new Error('no build');
        return original.call(this, request, ...rest);
      };
      const first = load('index');
      const { reason } = first.samplerSupport();
      for (const file of Object.keys(require.cache)) delete require.cache[file];
      Module._load = original;
      const second = load('index');
      const support = second.samplerSupport();
      console.log(first === second, support.supported, support.reason === reason);
      console.log(reason instanceof second.SamplerUnavailableError);
    `);
    assert.deepEqual([stdout, stderr], ['false false true\nfalse\n', '']);
  });

  it('reports a native part with another interface', async () => {
    const { stdout } = await runInChild(`
      const Module = require('node:module');
      const original = Module._load;
      Module._load = function (request, ...rest) {
        return request.endsWith('/profile-serializer') ? {} : original.call(this, request, ...rest);
      };
      console.log(load('index').samplerSupport().reason.message);
    `);
    assert.match(stdout, /lacks serializeTimeProfile.*exactly the version in its package\.json/);
  });
});

describe('sharedCollector', () => {
  it('returns the same collector at each call', () => {
    assert.equal(sharedCollector(), collector);
    assert.equal(sharedCollector(OPTIONS), collector);
  });

  it('keeps its options and warns in the logger of a caller with other options', () => {
    const logger = new LogSpy();
    assert.equal(sharedCollector({ windowMillis: 1_000, logger }), collector);
    assert.equal(collector.options.windowMillis, 600_000);
    const warnings = logger.lines.filter(({ level }) => level === 'warn');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]?.message ?? '', /windowMillis stays 600000, not 1000/);
  });

  it('does not warn a caller without options or with the same options', () => {
    const logger = new LogSpy();
    sharedCollector({ logger });
    sharedCollector({ ...OPTIONS, logger });
    assert.deepEqual(logger.lines, []);
  });

  it('refuses bad options even if the collector exists', () => {
    assert.throws(() => sharedCollector({ windowMillis: -1 }), InvalidOptionError);
  });

  it('is shared by copies of this package', () => {
    const path = require.resolve('../../src/thread/sharedCollector');
    const original = require.cache[path];
    delete require.cache[path];
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads a second copy
      const copy = require(path) as { sharedCollector: typeof sharedCollector };
      assert.notEqual(copy.sharedCollector, sharedCollector);
      assert.equal(copy.sharedCollector(), collector);
    } finally {
      require.cache[path] = original;
    }
  });

  it('lets the process end without remove()', async () => {
    const result = await runInChild(`
      load('index').sharedCollector().addConsumer('forgotten', () => undefined);
      console.log('added');
    `);
    assert.deepEqual(result, { code: 0, signal: null, stdout: 'added\n', stderr: '' });
  });

  it('lets the process end between two windows', async () => {
    const result = await runInChild(`
      const options = { windowMillis: 100, periodMillis: 3_600_000 };
      load('index').sharedCollector(options).addConsumer('c', () => {
        clearInterval(alive);
        console.log('window');
      });
      const alive = setInterval(() => undefined, 1_000);
    `);
    assert.deepEqual(result, { code: 0, signal: null, stdout: 'window\n', stderr: '' });
  });

  const steps = endurance(1_000, 100);
  it(`leaves nothing behind after ${steps} starts, stops and failures in any order`, async function () {
    this.timeout(130_000);
    // Runs in its own process: a start takes longer when more code is loaded.
    const script = `
      const assert = require('node:assert/strict');
      const { sharedCollector } = load('index');
      const { time } = load('datadog/time');
      const traces = () => [
        process.eventNames().map((name) => [name, process.listenerCount(name)]),
        process.listenerCount('exit'),
        process.listenerCount('uncaughtExceptionMonitor'),
        process.getActiveResourcesInfo(),
      ];
      const collector = sharedCollector({ windowMillis: 600_000 });
      const streams = [process.stdout, process.stderr]; // Node.js creates them on first use.
      const before = traces();
      // A linear congruential generator: the same order each time.
      let state = 1;
      const dice = (sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
      let failedWindows = 0;
      const callbacks = [
        () => {},
        () => { throw new Error('this consumer always throws'); },
        async () => { throw new Error('this consumer always throws'); },
      ];
      const guests = [];
      const add = () => {
        const callback = callbacks[dice(3)];
        const consumer = collector.addConsumer('c', (window) => {
          if (window.error) failedWindows++;
          return callback();
        });
        guests.push(() => consumer.remove());
      };
      const open = () => {
        const span = collector.openSpan();
        guests.push(() => { if (span.close().error) failedWindows++; });
      };
      const start = () => {
        if (time.isStarted()) return void time.stop(true);
        time.start();
        guests.push(() => time.stop());
      };
      const leave = () => guests.splice(dice(guests.length || 1), 1)[0]?.();
      const actions = [add, open, start, leave, leave, leave, leave];
      (async () => {
        for (let i = 0; i < ${steps}; i++) await actions[dice(actions.length)]();
        while (guests.length > 0) await leave();
        assert.equal(collector.running, false);
        assert.deepEqual(traces(), before);
        console.log(failedWindows, 'windows failed');
      })();
    `;
    const result = await runInChild(script, { limitMillis: 120_000 });
    assert.deepEqual(result, { code: 0, signal: null, stdout: '0 windows failed\n', stderr: '' });
  });

  it('samples a worker with a separate collector', async () => {
    const worker = new Worker(
      `
      const { parentPort } = require('node:worker_threads');
      const { sharedCollector, runWithLabels } = require(${JSON.stringify(require.resolve('../../src/index'))});
      const { attributeCpu } = require(${JSON.stringify(require.resolve('../../src/attribution/attributeCpu'))});
      const { burnCpu } = require(${JSON.stringify(require.resolve('../support/burn'))});
      const collector = sharedCollector(${JSON.stringify(OPTIONS)});
      const consumer = collector.addConsumer('c', (window) => {
        const { labels } = attributeCpu(window, 'rule');
        parentPort.postMessage({ error: window.error?.message, cpu: window.cpu, rules: [...labels.keys()] });
      });
      runWithLabels({ rule: 'in the worker' }, burnCpu, 200);
      consumer.remove();
      `,
      { eval: true },
    );
    const [{ error, cpu, rules }] = (await once(worker, 'message')) as [
      { error?: string; cpu: ProfileWindow['cpu']; rules: string[] },
    ];
    assert.equal(error, undefined);
    assert.deepEqual(rules, ['in the worker']);
    // The CPU of a worker comes from its samples, so the CPU after the last sample is missing.
    assert.ok(
      cpu.threadSeconds > 0.1 && cpu.threadSeconds <= cpu.processSeconds,
      `${cpu.threadSeconds}`,
    );
    assertClose(cpu.threadSeconds + cpu.otherThreadsSeconds, cpu.processSeconds);
    assert.equal(collector.running, false);
  });
});

describe('a window of the real sampler', () => {
  it('has the CPU that the process used', async () => {
    const before = process.cpuUsage();
    const window = await profileOne(() => burnCpu(200));
    const { user, system } = process.cpuUsage(before);
    const { processSeconds, threadSeconds, otherThreadsSeconds } = window.cpu;
    // The process was read before and after the window, so this holds without statistics.
    assert.ok(processSeconds >= 0.2 && processSeconds <= (user + system) / 1e6);
    assertClose(threadSeconds + otherThreadsSeconds, processSeconds);
    assert.ok(threadSeconds > otherThreadsSeconds);
  });

  it('gives each rule its share of the CPU', async () => {
    const window = await profileOne(() => {
      for (let i = 0; i < 15; i++) {
        runWithLabels({ rule: 'three' }, burnCpu, 30);
        runWithLabels({ rule: 'one' }, burnCpu, 10);
      }
    });
    const attribution = attributeCpu(window, 'rule');
    const three = attribution.labels.get('three');
    const one = attribution.labels.get('one');
    assert.ok(three !== undefined && one !== undefined);
    const ratio = one.cpuSeconds / (one.cpuSeconds + three.cpuSeconds);
    // 600 ms at 1.009 ms give about 590 hits on an idle machine, and at least 150 if 3 of 4 signals
    // are late. With 150 hits, the standard error is 0.035 and the limit is 4.2 standard errors, so
    // chance fails 1 run in 30,000.
    assert.ok(three.hits + one.hits >= 150, `${three.hits + one.hits} hits`);
    assert.ok(Math.abs(ratio - 0.25) < 0.15, `used a quarter, found ${ratio}`);
    const parts = [attribution.unlabeled, attribution.gc, attribution.runtime, three, one];
    const sum = parts.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
    assertClose(sum + attribution.otherThreads.cpuSeconds, attribution.totalSeconds);
  });

  it('has the labels in its profile too', async () => {
    const window = await profileOne(() =>
      runWithLabels({ rule: 'in the profile', '__proto__ ': 'x' }, burnCpu, 100),
    );
    const profile = toPprof(window);
    const { strings } = profile.stringTable;
    const found = profile.sample.flatMap(({ label }) =>
      label.map(({ key, str }) => `${strings[Number(key)]}=${strings[Number(str)]}`),
    );
    // 100 ms at 1.009 ms give about 99 samples; one is enough.
    assert.ok(found.includes('rule=in the profile'), [...new Set(found)].join());
    assert.ok(found.includes('__proto__ =x'));
  });

  it('ends where the next window begins', async () => {
    const windows = await profile(async () => {
      for (let i = 0; i < 5; i++) {
        burnCpu(10);
        collector.rotate();
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    assert.equal(windows.length, 6);
    windows.slice(1).forEach((w, i) => assert.equal(w.startTime, windows[i]?.endTime));
    for (const { complete, cpu } of windows.slice(0, 5)) {
      assert.equal(complete, true);
      assert.ok(cpu.processSeconds >= 0.01);
    }
  });
});

describe('runWithLabels', () => {
  it('labels a flow that was waiting when sampling started', async () => {
    const goOn = new EventEmitter();
    const flow = runWithLabels({ rule: 'early' }, async () => {
      await once(goOn, 'event');
      burnCpu(100);
    });
    const window = await profileOne(async () => {
      goOn.emit('event');
      await flow;
    });
    assertMostlyLabeled(window, 'early');
  });

  it('labels the rest of the flow that adds the first consumer', async () => {
    const windows: ProfileWindow[] = [];
    await runWithLabels({ rule: 'starter' }, () => {
      const consumer = collector.addConsumer('test', (window) => windows.push(window));
      burnCpu(100);
      return consumer.remove();
    });
    assert.equal(windows.length, 1);
    assertMostlyLabeled(windows[0], 'starter');
  });

  it('labels the rest of a flow that cuts a window', async () => {
    const windows = await profile(() =>
      runWithLabels({ rule: 'cutter' }, () => {
        collector.rotate();
        burnCpu(100);
      }),
    );
    assertMostlyLabeled(windows[1], 'cutter');
  });

  it('labels the rest of a flow in which a reader asks for more samples', () => {
    const coarse = collector.openSpan({ samplingIntervalMicros: 20_011 });
    const fine = runWithLabels({ rule: 'impatient' }, () => {
      const span = collector.openSpan({ samplingIntervalMicros: 1_009 });
      burnCpu(100);
      return span.close();
    });
    assertMostlyLabeled(fine, 'impatient');
    assertMostlyLabeled(coarse.close(), 'impatient');
  });

  it('adds to the labels of the flow; inner values replace outer ones', () => {
    runWithLabels({ tenant: 't', rule: 'outer' }, () => {
      runWithLabels({ rule: 'inner' }, () => {
        assert.deepEqual(getLabels(), { tenant: 't', rule: 'inner' });
      });
      assert.deepEqual(getLabels(), { tenant: 't', rule: 'outer' });
    });
    assert.equal(getLabels(), undefined);
  });

  it('keeps the value that travels with the flow', () => {
    const storage = labelStorage();
    const value = { any: 'thing' };
    storage.run(storage.createLabelContext(undefined, value), () => {
      runWithLabels({ rule: 'a' }, () => assert.equal(storage.currentLabelContext()?.value, value));
    });
  });

  it('passes arguments to the function, and its result or error to the caller', async () => {
    const error = new Error('mine');
    assert.equal(
      runWithLabels({ rule: 'a' }, (x: number, y: number) => x - y, 5, 3),
      2,
    );
    assert.throws(
      () =>
        runWithLabels({ rule: 'a' }, () => {
          throw error;
        }),
      (thrown) => thrown === error,
    );
    await assert.rejects(
      runWithLabels({ rule: 'a' }, () => Promise.reject(error)),
      (thrown) => thrown === error,
    );
    assert.equal(getLabels(), undefined);
  });

  for (const key of ['__proto__', 'constructor', '']) {
    it(`treats the key ${JSON.stringify(key)} as data`, () => {
      runWithLabels(Object.fromEntries([[key, 'x']]), () => {
        runWithLabels({ rule: 'a' }, () => {
          const labels = Object.entries(getLabels() ?? {});
          assert.deepEqual(labels, [
            [key, 'x'],
            ['rule', 'a'],
          ]);
        });
      });
    });
  }

  /**
   * Asserts that more than half of the hits have the rule. The rule used nearly all of the 100 ms
   * of the window, about 99 hits; chance could break this limit only below 20 hits.
   */
  function assertMostlyLabeled(window: ProfileWindow | undefined, rule: string): void {
    assert.ok(window !== undefined);
    const { labels, unlabeled } = attributeCpu(window, 'rule');
    assert.deepEqual([...labels.keys()], [rule]);
    const hits = labels.get(rule)?.hits ?? 0;
    assert.ok(hits > unlabeled.hits, `${hits} with the label, ${unlabeled.hits} without`);
  }
});
