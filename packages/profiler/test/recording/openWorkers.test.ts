import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Profile } from 'pprof-format';
import { InvalidOptionError } from '../../src/base/errors';
import { heapSupport } from '../../src/heap/openHeap';
import { type Workers, openWorkers } from '../../src/recording/openWorkers';
import { active } from '../support/active';
import { figureOf } from '../support/heapFigures';
import { comments } from '../support/pprof';
import { valuesByLabels } from '../support/profileReader';

/** Objects of 1,056 bytes that a worker allocates for `allocate`: 50 MB. */
const OBJECTS = 50_000;
const BYTES = OBJECTS * (126 * 8 + 16 + 32);

/** Does what it is told, and says when it has. */
const CODE = `
  const { parentPort } = require('node:worker_threads');
  const { runWithLabels, sampleWorker } = require(${JSON.stringify(join(__dirname, '../../src'))});
  const sampling = sampleWorker();
  const kept = [];
  const tasks = {
    ready() {},
    burn() {
      const start = process.hrtime();
      let x = 1;
      const burner = () => { while (process.hrtime(start)[0] < 1) for (let i = 0; i < 1e5; i++) x = Math.sqrt(x + i); };
      runWithLabels({ rule: 'r' }, burner);
    },
    allocate() {
      // New code, so nothing is inlined.
      const allocator = new Function('count', 'for (let i = 0; i < count; i++) new Array(126).fill(i);');
      Object.defineProperty(allocator, 'name', { value: 'allocator' });
      allocator(${OBJECTS});
    },
    withdraw() { sampling.stop(); },
    exit() { process.exit(); },
  };
  parentPort.on('message', (name) => {
    tasks[name]();
    parentPort.postMessage(name);
  });
`;

describe('openWorkers', () => {
  let workers: Workers;
  let worker: Worker;

  async function tell(task: string): Promise<void> {
    worker.postMessage(task);
    await once(worker, 'message');
  }

  beforeEach(async () => {
    workers = openWorkers();
    worker = new Worker(CODE, { eval: true });
    await tell('ready');
  });

  afterEach(async () => {
    workers.close();
    await worker.terminate();
  });

  it('lists the workers that called sampleWorker, although nothing samples them', async () => {
    const { threadId } = worker;
    const found = await workers.find(threadId);
    assert.deepEqual(found, { threadId, name: '[worker eval]' });
    assert.deepEqual(workers.list(), [found]);
  });

  it('does not wait for the main thread, which is no worker', async () => {
    const before = active('Timeout');
    const found = workers.find(0);
    const recording = workers.record(0);
    assert.equal(active('Timeout'), before);
    assert.equal(await found, undefined);
    await assert.rejects(recording, /there is no main that called sampleWorker/);
  });

  it('waits for a worker until the signal aborts, and leaves no timer or listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    // Only from here on the timer of mocha is among those that are counted.
    await workers.find(worker.threadId, signal);
    const before = active('Timeout');
    const finding = workers.find(1_000_000, signal);
    assert.equal(active('Timeout'), before + 1);
    controller.abort(new Error('enough'));
    await assert.rejects(finding, /^Error: enough$/);
    assert.deepEqual([active('Timeout'), getEventListeners(signal, 'abort')], [before, []]);
    await assert.rejects(workers.find(1_000_000, signal), /^Error: enough$/);
  });

  it('records CPU with labels', async () => {
    const { threadId } = worker;
    const recording = await workers.record(threadId, { samplingIntervalMicros: 1_009 });
    await tell('burn');
    const profile = Profile.decode(await recording.stop(['a comment']));
    // A second of work gives about 990 samples. One would be enough to tell.
    const [count = 0] = valuesByLabels(profile).get(`rule=r,thread=worker-${threadId}`) ?? [];
    assert.ok(count > 0);
    assert.equal(comments(profile).at(-1), 'a comment');
  });

  it('records lines', async () => {
    const { threadId } = worker;
    const recording = await workers.record(threadId, { kind: 'lines' });
    await tell('burn');
    const profile = Profile.decode(await recording.stop());
    assert.deepEqual([...valuesByLabels(profile).keys()], [`thread=worker-${threadId}`]);
    assert.ok(figureOf(profile, 'samples', 'burner', true) > 0);
  });

  // 53 MB at 64 kB are 800 samples, with a standard error of 3.5 %. The limit is six standard
  // errors, so chance fails 1 run in 500 million.
  it('records allocations: all of them, in the function that allocates', async () => {
    const options = { kind: 'allocs', intervalBytes: 65_536 } as const;
    const { threadId } = worker;
    if (!heapSupport().allocations) {
      await assert.rejects(workers.record(threadId, options), /cannot record this: .*Node\.js 26/);
      return;
    }
    const recording = await workers.record(threadId, options);
    await tell('allocate');
    const profile = Profile.decode(await recording.stop());
    const total = (type: string): number =>
      [...new Set(profile.function.map(({ name }) => profile.stringTable.strings[Number(name)]!))]
        .map((name) => figureOf(profile, type, name))
        .reduce((sum, figure) => sum + figure, 0);
    assert.ok(Math.abs(total('alloc_space') / BYTES - 1) < 0.21, `${total('alloc_space')} bytes`);
    assert.ok(Math.abs(total('alloc_objects') / OBJECTS - 1) < 0.21);
  });

  it('records the heap', async () => {
    const recording = await workers.record(worker.threadId, { kind: 'heap', intervalBytes: 1_024 });
    await tell('ready');
    const profile = Profile.decode(await recording.stop());
    const type = profile.stringTable.strings[Number(profile.defaultSampleType)];
    assert.equal(type, 'inuse_space');
    const labels = new Set(valuesByLabels(profile).keys());
    assert.deepEqual([...labels], [`thread=worker-${worker.threadId}`]);
  });

  it('has what a worker recorded before it ended', async () => {
    for (const kind of ['cpu', 'lines', 'heap'] as const) {
      const recording = await workers.record(worker.threadId, { kind });
      worker.postMessage('exit');
      await recording.over;
      const profile = Profile.decode(await recording.stop());
      assert.match(comments(profile).at(-1)!, /^ended after \d+\.\d s: the thread ended$/, kind);
      worker = new Worker(CODE, { eval: true });
      await tell('ready');
    }
  });

  it('has what a worker recorded before it withdrew its permission', async () => {
    const recording = await workers.record(worker.threadId);
    await tell('withdraw');
    const profile = Profile.decode(await recording.stop());
    assert.match(comments(profile).at(-1)!, /: the thread withdrew its permission to be sampled$/);
  });

  it('says so when a worker is terminated', async () => {
    const recording = await workers.record(worker.threadId);
    await worker.terminate();
    await recording.over;
    await assert.rejects(recording.stop(), /^SamplerUnavailableError: worker-\d+ ended or was/);
  });

  it('records several at once, and none when they are discarded', async () => {
    const { threadId } = worker;
    const all = await Promise.all(
      (['cpu', 'cpu', 'lines', 'lines'] as const).map((kind) => workers.record(threadId, { kind })),
    );
    all[0]!.discard();
    all[2]!.discard();
    await tell('ready');
    for (const recording of [all[1]!, all[3]!]) Profile.decode(await recording.stop());
  });

  it('names wrong options and workers that do not exist', async () => {
    const wrong = (options: object): Promise<unknown> => workers.record(worker.threadId, options);
    await assert.rejects(wrong({ kind: 'wall' }), InvalidOptionError);
    await assert.rejects(wrong({ hz: 3 }), InvalidOptionError);
    await assert.rejects(wrong({ samplingIntervalMicros: 1 }), InvalidOptionError);
    await assert.rejects(wrong({ intervalBytes: 1 }), InvalidOptionError);
    await assert.rejects(
      workers.record(1_000_000),
      new RegExp(`there is no worker-1000000 .*; there are: worker-${worker.threadId}$`),
    );
  });
});
