import type { Recording } from '../../src/model/Recording';
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { pbkdf2 } from 'node:crypto';
import { once } from 'node:events';
import { Session } from 'node:inspector';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { DatadogSampler } from '../../src/sampler/DatadogSampler';
import type { CallNode } from '../../src/model/CallNode';
import { burnCpu, burnSamples } from '../support/burn';
import { endurance } from '../support/endurance';
import { runInChild } from '../support/runInChild';
import { SHORT_SLICE, samplingThreads } from '../support/samplingThreads';

const OPTIONS = { samplingIntervalMicros: 1_009, bufferMillis: 30_000, fair: true };

describe('DatadogSampler', () => {
  const sampler = new DatadogSampler(new AsyncLocalStorage(), OPTIONS);

  afterEach(() => {
    if (sampler.running) sampler.stop();
  });

  function nodes(root: CallNode): CallNode[] {
    return [root, ...root.children.flatMap(nodes)];
  }

  /** Samples in which the function is on the stack. */
  function hitsUnder({ root }: Recording, name: string): number {
    return nodes(root)
      .filter((node) => node.name === name)
      .flatMap(nodes)
      .reduce((sum, { hitCount }) => sum + hitCount, 0);
  }

  function record(fn: () => void): Recording {
    sampler.start(OPTIONS);
    fn();
    return sampler.stop();
  }

  const cpuMillis = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };

  it('records the functions that run, with their place', () => {
    const recording = record(function theCulprit() {
      burnSamples(100, sampler);
    });
    const { root, samplesTaken } = recording;
    const culprit = nodes(root).find(({ name }) => name === 'theCulprit');
    assert.ok(culprit?.scriptName.endsWith('DatadogSampler.test.js'));
    const hits = hitsUnder(recording, 'theCulprit');
    // One or two are lost at the border, and for some milliseconds after the start V8 knows code that it has just replaced
    // on the stack by no name: up to 8 samples on a busy machine.
    assert.ok(hits >= 80 && hits <= samplesTaken, `${hits} of ${samplesTaken}`);
    assert.ok(samplesTaken >= 100);
  });

  it('has no more sample records than hits at any node', () => {
    const { root } = record(() => burnSamples(50, sampler));
    const withRecords = nodes(root).filter(({ contexts }) => (contexts?.length ?? 0) > 0);
    assert.ok(withRecords.length > 0);
    for (const { contexts, hitCount } of withRecords)
      assert.ok((contexts?.length ?? 0) <= hitCount);
  });

  it('runs from start to stop, and not twice at a time', () => {
    assert.equal(sampler.running, false);
    assert.throws(() => sampler.rotate(OPTIONS), /not running/);
    assert.throws(() => sampler.stop(), /not running/);
    sampler.start(OPTIONS);
    assert.equal(sampler.running, true);
    assert.throws(() => sampler.start(OPTIONS), /already running/);
    sampler.rotate(OPTIONS);
    assert.equal(sampler.running, true);
    sampler.stop();
    assert.equal(sampler.running, false);
    assert.throws(() => sampler.stop(), /not running/);
  });

  it('gives each recording its own samples', () => {
    sampler.start(OPTIONS);
    (function inTheFirst() {
      burnSamples(20, sampler);
    })();
    const first = sampler.rotate(OPTIONS);
    (function inTheSecond() {
      burnSamples(20, sampler);
    })();
    const second = sampler.stop();
    // One signal may be under way at the border: of 20 samples five more or less on the wrong side of it have a chance far
    // below 1 in 1000.
    assert.ok(hitsUnder(first, 'inTheFirst') >= 15);
    assert.equal(hitsUnder(first, 'inTheSecond'), 0);
    assert.ok(hitsUnder(second, 'inTheSecond') >= 15);
    assert.ok(hitsUnder(second, 'inTheFirst') <= 5);
  });

  it('measures the CPU of other threads, whatever this one used before the start', async () => {
    burnCpu(1_000);
    sampler.start(OPTIONS);
    const before = cpuMillis();
    // Done by a thread of libuv's pool, while this one waits.
    await promisify(pbkdf2)('secret', 'salt', 300_000, 64, 'sha512');
    const { otherThreadsCpuNanos } = sampler.stop();
    const used = cpuMillis() - before;
    const others = (otherThreadsCpuNanos ?? NaN) / 1e6;
    // All that was used but for stopping and the signals. No chance is involved.
    assert.ok(others > used / 2 && others <= used + 10, `${others} of ${used} ms`);
  });

  it('says when its buffer was full', () => {
    // Room for 2 * 20 ms / 1.009 ms = 39 samples.
    const small = { ...OPTIONS, bufferMillis: 20 };
    sampler.start(small);
    burnSamples(10, sampler);
    assert.equal(sampler.rotate(small).overflowed, false);
    burnSamples(39 - sampler.sampleCount(), sampler);
    burnCpu(50);
    const { overflowed, samplesTaken } = sampler.stop();
    assert.equal(samplesTaken, 39);
    assert.equal(overflowed, true);
  });

  it('does not take a short or an idle recording for a stuck one', () => {
    sampler.start(OPTIONS);
    for (let i = 0; i < 20; i++) assert.equal(sampler.rotate(OPTIONS).stuck, false);
    assert.equal(sampler.stop().stuck, false);
  });

  it('goes on with other options from a border on', () => {
    const finer = { ...OPTIONS, samplingIntervalMicros: 503 };
    sampler.start({ ...OPTIONS, samplingIntervalMicros: 20_011 });
    burnCpu(100);
    const coarse = sampler.rotate(finer).samplesTaken;
    assert.equal(sampler.running, true);
    burnCpu(100);
    const fine = sampler.rotate(finer).samplesTaken;
    // 5 and 199 were asked for; a machine that is not quiet loses some, and brings none.
    assert.ok(fine > 4 * coarse, `${fine} and ${coarse}`);
  });

  it('goes on with a new profiler of its own from the border after renew, which has all that came before', () => {
    sampler.start(OPTIONS);
    const { profiler } = sampler as unknown as { profiler: { start(): void } };
    const start = profiler.start.bind(profiler);
    let starts = 0;
    profiler.start = () => {
      starts++;
      start();
    };
    burnSamples(20, sampler);
    assert.ok(sampler.rotate(OPTIONS).samplesTaken >= 20);
    assert.equal(starts, 0);
    burnSamples(20, sampler);
    sampler.renew();
    assert.equal(sampler.running, true);
    assert.ok(sampler.rotate(OPTIONS).samplesTaken >= 20);
    burnSamples(20, sampler);
    const later = sampler.rotate(OPTIONS);
    assert.ok(later.samplesTaken >= 20);
    assert.equal(later.stuck, false);
    assert.equal(starts, 1);
    sampler.stop();
  });

  describe('samples fairly', () => {
    /** Checks the one sampling thread, an inspector's among `others` apart, and returns its id. */
    function checkThread(others: ReadonlyMap<number, number> = new Map()): number {
      const [own, ...rest] = [...samplingThreads()].filter(([id]) => !others.has(id));
      assert.ok(own !== undefined && rest.length === 0);
      const [id, slice] = own;
      // The kernel says it, or is too old to use it, or does not tell.
      const applied = sampler.fairness?.slice === 'applied';
      assert.ok(Number.isNaN(slice) || (slice === SHORT_SLICE) === applied, `slice ${slice}`);
      return id;
    }

    it('from the first start on, and says so in each recording', () => {
      sampler.start(OPTIONS);
      const { fair, slice, reason } = sampler.fairness ?? {};
      assert.deepEqual([fair, reason], [true, undefined]);
      assert.ok(slice === 'applied' || slice === 'ignored');
      checkThread();
      assert.equal(sampler.stop().fair, true);
    });

    it('in each sampling thread that V8 makes: at a renewal, at another interval, at a restart', () => {
      sampler.start(OPTIONS);
      const ids = [checkThread()];
      sampler.rotate(OPTIONS);
      assert.equal(checkThread(), ids[0]);
      sampler.renew();
      sampler.rotate(OPTIONS);
      ids.push(checkThread());
      sampler.rotate({ ...OPTIONS, samplingIntervalMicros: 4_999 });
      ids.push(checkThread());
      const { profiler } = sampler as unknown as {
        profiler: { v8ProfilerStuckEventLoopDetected?: () => number };
      };
      profiler.v8ProfilerStuckEventLoopDetected = () => 2;
      burnSamples(20, sampler);
      assert.equal(
        sampler.rotate({ ...OPTIONS, samplingIntervalMicros: 4_999 }).stuck,
        true,
        'the stuck sampler was not noticed',
      );
      delete profiler.v8ProfilerStuckEventLoopDetected;
      ids.push(checkThread());
      assert.equal(new Set(ids).size, 4, 'V8 went on with a thread that it had');
    });

    it('beside an inspector’s profiler, whose thread it leaves alone', () => {
      const session = new Session();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.start');
      const others = samplingThreads();
      assert.equal(others.size, 1);
      sampler.start(OPTIONS);
      checkThread(others);
      for (const [id, slice] of others) {
        assert.ok(Object.is(samplingThreads().get(id), slice) && slice !== SHORT_SLICE);
      }
      sampler.stop();
      session.post('Profiler.stop');
      session.disconnect();
    });

    it('so a thread that waits for events is not interrupted, and not taken for stuck', async () => {
      sampler.start(OPTIONS);
      const id = checkThread();
      // 500 intervals. A thread that is interrupted wakes up in each of them.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { samplesTaken, stuck } = sampler.rotate(OPTIONS);
      assert.ok(samplesTaken < 100, `${samplesTaken} samples`);
      assert.equal(stuck, false);
      assert.equal(checkThread(), id);
    });
  });

  const starts = endurance(20, 5);
  it(`leaves nothing on the process after ${starts} starts and stops`, () => {
    const listeners = () =>
      process.eventNames().map((name) => [name, process.listenerCount(name as string)]);
    const before = { listeners: listeners(), handles: process.getActiveResourcesInfo() };
    for (let i = 0; i < starts; i++) {
      sampler.start(OPTIONS);
      sampler.stop();
    }
    assert.deepEqual({ listeners: listeners(), handles: process.getActiveResourcesInfo() }, before);
  });

  it('is stopped by the end of the process, which it neither delays nor breaks', async () => {
    const result = await runInChild(`
      const { DatadogSampler } = load('sampler/DatadogSampler');
      const { AsyncLocalStorage } = require('node:async_hooks');
      const options = ${JSON.stringify(OPTIONS)};
      const sampler = new DatadogSampler(new AsyncLocalStorage(), options);
      sampler.start(options);
      process.on('exit', () => console.log('running', sampler.running));
    `);
    assert.deepEqual(result, { code: 0, signal: null, stdout: 'running false\n', stderr: '' });
  });

  describe('at the end of a worker', () => {
    /** Runs JavaScript with a `sampler` in a worker, which must end by itself. Fulfils with what it posts. */
    async function inWorker(script: string): Promise<unknown> {
      const prelude = `
        const { parentPort } = require('node:worker_threads');
        const { AsyncLocalStorage } = require('node:async_hooks');
        const { DatadogSampler } = require(${JSON.stringify(require.resolve('../../src/sampler/DatadogSampler'))});
        const options = ${JSON.stringify(OPTIONS)};
        const sampler = new DatadogSampler(new AsyncLocalStorage(), options);
      `;
      const worker = new Worker(prelude + script, { eval: true });
      const ended = once(worker, 'exit');
      const [posted] = (await once(worker, 'message')) as [unknown];
      assert.deepEqual(await ended, [0]);
      return posted;
    }

    it('who listened for it before the start still has the last recording', async () => {
      const posted = await inWorker(`
        process.once('exit', () => parentPort.postMessage(sampler.running && typeof sampler.stop().samplesTaken));
        sampler.start(options);
      `);
      assert.equal(posted, 'number');
    });

    for (const [manner, atEnd] of Object.entries({ stopped: 'sampler.stop();', running: '' })) {
      it(`frees its native profilers, ${manner}; labels may still be entered then`, async () => {
        const posted = await inWorker(`
          const { TimeProfiler } = require('@datadog/pprof/out/src/time-profiler-bindings');
          const freed = new Set();
          const { dispose } = TimeProfiler.prototype;
          TimeProfiler.prototype.dispose = function () {
            freed.add(this);
            dispose.call(this);
          };
          sampler.start(options);
          sampler.rotate({ ...options, samplingIntervalMicros: 4_999 });
          ${atEnd}
          process.once('exit', () => {
            sampler.setCell({ labels: { rule: 'late' } });
            sampler.createHolder({ labels: { rule: 'late' } });
            sampler.sampleCount();
            sampler.holderCounts();
            let refusal;
            try {
              sampler.start(options);
            } catch ({ message }) {
              refusal = message;
            }
            parentPort.postMessage({ freed: freed.size, running: sampler.running, refusal });
          });
        `);
        assert.deepEqual(posted, { freed: 2, running: false, refusal: 'the thread is ending' });
      });
    }
  });
});
