import assert from 'node:assert/strict';
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { Profile } from 'pprof-format';
import { SamplerUnavailableError } from '../../src/base/errors';
import { VERSION } from '../../src/base/version';
import type { HeapReader } from '../../src/heap/HeapReader';
import { heapSupport, openHeap } from '../../src/heap/openHeap';
import { holder } from '../support/allocate';
import { figureOf, sampleTypesOf } from '../support/heapFigures';
import { runInChild } from '../support/runInChild';

const FINE = { intervalBytes: 65_536 };
/**
 * 64 MB at 64 kB make about 1,000 samples, hence a standard error of 3.2 %. Five standard errors
 * are exceeded once in 1.7 million runs. V8's own allocations at the same place (code, feedback)
 * are far below one standard error.
 */
const TOLERANCE = 0.16;

describe('openHeap', () => {
  const readers: HeapReader[] = [];
  const open: typeof openHeap = (options) => {
    const reader = openHeap(options);
    readers.push(reader);
    return reader;
  };

  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  function assertAbout(actual: number, expected: number): void {
    assert.ok(Math.abs(actual / expected - 1) < TOLERANCE, `${actual} of ${expected}`);
  }

  const inspect = (method: string, session: Session) =>
    session.post(method, (error) => assert.ifError(error));

  it('reports how much memory each function holds', () => {
    const reader = open(FINE);
    const { hold, bytes } = holder('holdsMuch', 64);
    const held = hold();
    const profile = reader.profile();
    assertAbout(figureOf(profile, 'inuse_space', 'holdsMuch'), bytes);
    // V8 may make an array and its slots in one piece or in two, and may change that when it
    // optimizes.
    const objects = figureOf(profile, 'inuse_objects', 'holdsMuch');
    assertAbout(objects, Math.min(128_000, Math.max(64_000, objects)));
    assert.ok(held);
  });

  it('gives a profile in pprof’s format with file, comments, interval and external memory', () => {
    const buffer = Buffer.alloc(10_000_000);
    const profile = Profile.decode(open(FINE).profile().encode());
    const text = (index: number | bigint) => profile.stringTable.strings[Number(index)];
    assert.deepEqual(sampleTypesOf(profile), ['inuse_objects/count', 'inuse_space/bytes']);
    assert.equal(text(profile.defaultSampleType), 'inuse_space');
    assert.equal(text(profile.periodType!.type), 'space');
    assert.equal(Number(profile.period), 65_536);
    assert.equal(text(profile.mapping[0]!.filename), basename(process.execPath));
    assert.deepEqual(
      new Set(profile.location.map(({ mappingId }) => Number(mappingId))),
      new Set([1]),
    );
    const comments = profile.comment.map(text);
    assert.equal(comments[0], `rulescope ${VERSION}`);
    assert.match(comments[2]!, /^in use: objects allocated since 20/);
    assert.ok(figureOf(profile, 'inuse_space', '(external)') >= buffer.length);
  });

  it('serves readers that come and go without disturbing each other', () => {
    const first = open(FINE);
    const { hold, bytes } = holder('heldByAll', 64);
    const held = hold();
    const second = open({ intervalBytes: 1_048_576 });
    assert.equal(second.intervalBytes, 65_536);
    first.profile();
    first.close();
    const profile = second.profile();
    assertAbout(figureOf(profile, 'inuse_space', 'heldByAll'), bytes);
    assert.equal(Number(profile.period), 65_536);
    const comments = profile.comment.map((index) => profile.stringTable.strings[Number(index)]);
    assert.match(
      comments.join(),
      /interval: set by an earlier reader; this reader asked for 1048576 bytes/,
    );
    assert.throws(() => first.profile(), /closed/);
    assert.ok(held);
  });

  it('leaves nothing behind after 1,000 readers', () => {
    const traces = () => ({
      resources: process.getActiveResourcesInfo(),
      listeners: process.eventNames().map((name) => process.listenerCount(name as string)),
    });
    const before = traces();
    const waiting: HeapReader[] = [];
    for (let i = 0; i < 1_000; i++) {
      // 0 to 6 readers are open at a time. They are closed in the order of opening or in reverse.
      waiting.push(open());
      if (waiting.length > i % 7) {
        if (i % 2 === 0) waiting.reverse();
        for (const reader of waiting.splice(0)) reader.close();
      }
    }
    for (const reader of waiting) reader.close();
    assert.deepEqual(traces(), before);
    // The inspector reports no error if sampling is still on.
    const session = new Session();
    session.connect();
    session.post('HeapProfiler.stopSampling', (error) =>
      assert.match(error!.message, /not started/),
    );
    session.disconnect();
  });

  it('does not touch a sampling of the inspector, and works after that has stopped', () => {
    const session = new Session();
    session.connect();
    inspect('HeapProfiler.startSampling', session);
    assert.throws(() => openHeap(), SamplerUnavailableError);
    assert.equal(heapSupport().supported, false);
    inspect('HeapProfiler.stopSampling', session);
    session.disconnect();
    assert.equal(heapSupport().supported, true);
    open().profile();
  });

  it('throws after the inspector stopped the sampling, and samples again for new readers', () => {
    const old = open();
    const session = new Session();
    session.connect();
    inspect('HeapProfiler.stopSampling', session);
    session.disconnect();
    for (let i = 0; i < 2; i++) assert.throws(() => old.profile(), /close this reader and open/);
    const young = open();
    old.close();
    young.profile();
  });

  it('does not touch a sampling of @datadog/pprof', async () => {
    const result = await runInChild(`
      const { heap } = require('@datadog/pprof');
      const { openHeap, heapSupport } = load('heap/openHeap');
      heap.start(524288, 64);
      try { openHeap() } catch (error) { console.log(error.name, heapSupport().supported) }
      heap.profile();
      heap.stop();
      openHeap().close();
    `);
    assert.deepEqual(
      [result.code, result.stdout, result.stderr],
      [0, 'SamplerUnavailableError false\n', ''],
    );
  });

  it('neither keeps a process or worker alive nor changes how it ends', async () => {
    const result = await runInChild(`
      const { Worker, isMainThread } = require('node:worker_threads');
      const { openHeap, heapSupport } = load('heap/openHeap');
      globalThis.reader = openHeap({ allocations: heapSupport().allocations });
      const inWorker = \`
        const { openHeap, heapSupport } = require(\${JSON.stringify(require.resolve(${JSON.stringify(
          `${__dirname}/../../src/heap/openHeap`,
        )}))});
        globalThis.reader = openHeap({ allocations: heapSupport().allocations });
        require('node:worker_threads').parentPort.postMessage(reader.profile().sample.length >= 0);
      \`;
      new Worker(inWorker, { eval: true }).on('message', (ok) => console.log('worker', ok)).on('exit', (code) => {
        console.log('exit', code, reader.profile().sample.length >= 0);
      });
    `);
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout: 'worker true\nexit 0 true\n',
      stderr: '',
    });
  });

  if (heapSupport().allocations) {
    it('reports how much each function allocated since the reader was opened, and that it is garbage', () => {
      const first = open({ ...FINE, allocations: true });
      const early = holder('allocatesEarly', 64);
      early.hold();
      const second = open({ ...FINE, allocations: true });
      const late = holder('allocatesLate', 64);
      late.hold();
      for (const [reader, type, name, bytes] of [
        [first, 'alloc_space', 'allocatesEarly', early.bytes],
        [first, 'alloc_space', 'allocatesLate', late.bytes],
        [second, 'alloc_space', 'allocatesLate', late.bytes],
      ] as const) {
        assertAbout(figureOf(reader.profile(), type, name), bytes);
      }
      const profile = second.profile();
      assert.equal(figureOf(profile, 'alloc_space', 'allocatesEarly'), 0);
      // A single sample may show an object that is still on the stack.
      assert.ok(figureOf(profile, 'inuse_space', 'allocatesLate') < late.bytes / 10);
      assert.deepEqual(sampleTypesOf(profile), [
        'inuse_objects/count',
        'alloc_objects/count',
        'inuse_space/bytes',
        'alloc_space/bytes',
      ]);
      const text = (index: number | bigint) => profile.stringTable.strings[Number(index)];
      assert.equal(text(profile.defaultSampleType), 'alloc_space');
      assert.equal(figureOf(profile, 'alloc_space', '(external)'), 0);
    });

    it('serves readers with and without allocations from one sampling', () => {
      const all = open({ ...FINE, allocations: true });
      const live = open(FINE);
      const { hold, bytes } = holder('heldByOne', 64);
      const held = hold();
      assertAbout(figureOf(all.profile(), 'inuse_space', 'heldByOne'), bytes);
      const profile = live.profile();
      assertAbout(figureOf(profile, 'inuse_space', 'heldByOne'), bytes);
      assert.deepEqual(sampleTypesOf(profile), ['inuse_objects/count', 'inuse_space/bytes']);
      assert.ok(held);
    });
  } else {
    it('reports that this runtime cannot sample allocations', () => {
      assert.match(heapSupport().reason!, /requires Node.js 26/);
      assert.throws(() => openHeap({ allocations: true }), /requires Node.js 26/);
      open().profile();
    });
  }
});
