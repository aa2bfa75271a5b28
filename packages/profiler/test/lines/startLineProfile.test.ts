import assert from 'node:assert/strict';
import { runInThisContext } from 'node:vm';
import { InvalidOptionError, SamplerUnavailableError } from '../../src/base/errors';
import { InspectorSampler } from '../../src/lines/InspectorSampler';
import { startLineProfile } from '../../src/lines/startLineProfile';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { toPprof } from '../../src/pprof/toPprof';
import { sharedCollector } from '../../src/thread/sharedCollector';
import { runWithLabels } from '../../src/thread/threadLabels';
import { endurance } from '../support/endurance';
import { hitsByLine, valuesByLabels } from '../support/profileReader';
import { runInChild } from '../support/runInChild';

/**
 * Burns 50 ms of CPU on line `line` of a function. The code is new each time, so V8 has not inlined
 * any of it yet.
 */
function burnOnLine(line: number): void {
  const code = `(function burner(start) {${'\n'.repeat(line - 2)}
    while (process.cpuUsage(start).user < 50_000) for (let i = 0, x = 0; i < 1e4; i++) x = Math.sqrt(x + i);
  })`;
  const burner = runInThisContext(code, { filename: '/burner.js' }) as (start: object) => void;
  burner(process.cpuUsage());
}

describe('startLineProfile', () => {
  it('has samples on the line that was running', () => {
    const run = startLineProfile({ samplingIntervalMicros: 1_009 });
    burnOnLine(7);
    const profile = run.stop();
    const hits = hitsByLine(profile, 'burner');
    const [[line] = []] = [...hits].sort(([, a], [, b]) => b - a);
    // 50 ms give about 49 samples, nearly all of them on that line. One would be enough to tell.
    assert.equal(line, 7);
    assert.equal(run.stop(), profile);
  });

  it('runs beside the labeled sampler and other line profiles without disturbing them', async () => {
    const windows: ProfileWindow[] = [];
    const consumer = sharedCollector().addConsumer('c', (window) => windows.push(window), {
      samplingIntervalMicros: 1_009,
    });
    const first = startLineProfile({ samplingIntervalMicros: 1_009 });
    runWithLabels({ rule: 'a' }, () => burnOnLine(2));
    const second = startLineProfile();
    runWithLabels({ rule: 'b' }, () => burnOnLine(2));
    const [one, two] = [first.stop(), second.stop()];
    await consumer.remove();

    assert.ok(sum(hitsByLine(one, 'burner')) > sum(hitsByLine(two, 'burner')));
    assert.ok(sum(hitsByLine(two, 'burner')) > 0);
    assert.deepEqual([...valuesByLabels(one).keys()], ['']);
    const labels = windows.flatMap((window) => {
      assert.equal(window.error, undefined);
      assert.notEqual(window.incompleteReason, 'stuck');
      return [...valuesByLabels(toPprof(window)).keys()];
    });
    // 50 ms under each rule give about 49 samples each. One of each would be enough to tell.
    assert.ok(labels.includes('rule=a') && labels.includes('rule=b'), labels.join());
  });

  it('renews the labeled sampler after 16 recordings, before its window ends', async () => {
    let windows = 0;
    const consumer = sharedCollector().addConsumer('c', () => windows++);
    for (let pass = 0; pass < 16; pass++) startLineProfile().stop();
    await consumer.remove();
    // The last window ends when the consumer leaves. One more ends before it, at the boundary that
    // renews the sampler.
    assert.ok(windows >= 2, `${windows} windows`);
  });

  it('does not make a coarse labeled sampler look stuck or full', async () => {
    const windows: ProfileWindow[] = [];
    const run = startLineProfile({ samplingIntervalMicros: 1_009 });
    const consumer = sharedCollector().addConsumer('c', (window) => windows.push(window), {
      samplingIntervalMicros: 1_000_000,
    });
    for (let i = 0; i < 4; i++) burnOnLine(2);
    await consumer.remove();
    run.stop();
    assert.deepEqual(
      windows.map(({ complete }) => complete),
      [true],
    );
  });

  it('throws the same error again when it is stopped again', () => {
    const run = startLineProfile();
    const error = new SamplerUnavailableError('the inspector returned no profile');
    const { prototype } = InspectorSampler;
    const stop = Reflect.get(prototype, 'stop');
    prototype.stop = function (this: InspectorSampler) {
      stop.call(this);
      throw error;
    };
    try {
      assert.throws(run.stop, (thrown) => thrown === error);
    } finally {
      prototype.stop = stop;
    }
    assert.throws(run.stop, (thrown) => thrown === error);
  });

  it('refuses bad options', () => {
    assert.throws(() => startLineProfile({ samplingIntervalMicros: 999 }), InvalidOptionError);
    assert.throws(() => startLineProfile({ interval: 1 } as object), InvalidOptionError);
  });

  it('neither keeps the process alive nor changes how it ends', async () => {
    const result = await runInChild(`load('lines').startLineProfile();`);
    assert.deepEqual(result, { code: 0, signal: null, stdout: '', stderr: '' });
  });

  it('works in a worker', async () => {
    const { stdout, stderr } = await runInChild(`
      const { Worker, isMainThread } = require('node:worker_threads');
      const path = require('node:path').join(${JSON.stringify(__dirname)}, '../../src/lines');
      new Worker(\`
        const { startLineProfile } = require(\${JSON.stringify(path)});
        const run = startLineProfile();
        const start = process.cpuUsage();
        while (process.cpuUsage(start).user < 100_000) for (let i = 0; i < 1e4; i++) Math.sqrt(i);
        console.log(run.stop().sample.length > 0);
      \`, { eval: true });
    `);
    assert.deepEqual({ stdout, stderr }, { stdout: 'true\n', stderr: '' });
  });

  function sum(hits: ReadonlyMap<number, number>): number {
    return [...hits.values()].reduce((total, each) => total + each, 0);
  }

  it('leaves no memory in the labeled sampler, regardless of how often it is used', async function () {
    this.timeout(60_000);
    // V8 left 1.3 MB in the labeled sampler each time: 130 MB at full length, 65 MB at the short
    // one. A renewed sampler keeps up to 16 recordings, 21 MB, for a while. The limits lie between.
    const [times, limitMegabytes] = endurance([100, 60], [50, 43]);
    const { code, stdout, stderr } = await runInChild(
      `
      const { sharedCollector } = load('index');
      const { startLineProfile } = load('lines/startLineProfile');
      const collector = sharedCollector();
      const consumer = collector.addConsumer('c', () => undefined);
      const megabytes = (times) => {
        for (let i = 0; i < times; i++) {
          startLineProfile().stop();
          collector.rotate();
        }
        return process.memoryUsage.rss() / 1e6;
      };
      (async () => {
        const before = megabytes(${times});
        await new Promise(setImmediate);
        console.log(megabytes(${times}) - before);
        await consumer.remove();
      })();
    `,
      { limitMillis: 50_000 },
    );
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.ok(Number(stdout) < limitMegabytes, `grew by ${stdout} MB`);
  });
});
