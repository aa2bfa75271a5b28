import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { PprofHandlerOptions } from '../../src/http/createPprofHandler';
import { KeptHeap } from '../../src/http/heapEndpoint';
import { LogSpy } from '../support/LogSpy';
import { FakeHeap, PprofHarness, type Response } from '../support/PprofHarness';
import { plain } from '../support/pprof';
import { until } from '../support/until';

/** Returns the default sample type, and the values of the one sample. */
function valuesOf({ status, text, body }: Response) {
  assert.equal(status, 200, text);
  const profile = Profile.decode(gunzipSync(body));
  const shown = profile.stringTable.strings[Number(profile.defaultSampleType)];
  return [shown, plain(profile)[0]?.values];
}

describe('/debug/pprof/heap and allocs', () => {
  let harness: PprofHarness;

  async function start(options: PprofHandlerOptions = {}): Promise<void> {
    harness = await new PprofHarness(options).start();
  }

  /** Returns the response to a request that samples for `millis`. */
  async function recorded(path: string, millis: number): Promise<Response> {
    const response = harness.get(path);
    await until(() => harness.clock.pendingTimers > 0);
    harness.clock.advance(millis);
    return response;
  }

  afterEach(async () => {
    await harness.stop();
    assert.equal(harness.heap.open_.size, 0);
  });

  it('sample while the request lasts', async () => {
    await start();
    assert.deepEqual(valuesOf(await recorded('/heap?seconds=2', 2_000)), ['inuse_space', [1, 100]]);
    assert.deepEqual(valuesOf(await recorded('/allocs', 30_000)), ['alloc_space', [2, 200]]);
    assert.deepEqual(harness.heap.opened, [{ allocations: false }, { allocations: true }]);
  });

  it('answer at once where sampling is always on', async () => {
    await start({ heap: { allocations: true } });
    assert.deepEqual(valuesOf(await harness.get('/heap')), ['inuse_space', [1, 100]]);
    assert.deepEqual(valuesOf(await harness.get('/allocs')), ['alloc_space', [2, 200]]);
    assert.equal(harness.heap.opened.length, 1);
  });

  it('heap gives the change within some seconds where sampling is always on', async () => {
    await start({ heap: true });
    valuesOf(await harness.get('/heap'));
    assert.deepEqual(valuesOf(await recorded('/heap?seconds=2', 2_000)), ['inuse_space', [1, 100]]);
    assert.equal(harness.heap.open_.size, 1);
  });

  it('allocs says why a runtime cannot sample allocations', async () => {
    await start();
    harness.heap.allocations = false;
    const { status, text } = await harness.get('/allocs');
    assert.deepEqual([status, text], [501, 'not on this machine\n']);
    assert.equal((await recorded('/heap?seconds=1', 1_000)).status, 200);
  });

  it('say why the heap cannot be sampled', async () => {
    await start({ heap: true });
    harness.heap.failure = new Error('somebody else does');
    const { status, text } = await harness.get('/heap');
    assert.deepEqual([status, text], [503, 'the recording failed: somebody else does\n']);
    harness.heap.supported = false;
    const taken = await harness.get('/heap');
    assert.deepEqual([taken.status, taken.text], [503, 'not on this machine\n']);
    harness.unsupported = new Error('no native code');
    for (const path of ['/profile', '/heap', '/allocs', '/rules/usage']) {
      const missing = await harness.get(path);
      assert.deepEqual([missing.status, missing.text], [501, 'no native code\n'], path);
    }
  });

  it('refuse labels and parameters that only Go has', async () => {
    await start({ heap: true });
    const text = async (query: string) => (await harness.get(`/heap?${query}`)).text;
    assert.match(
      await text('rule=r1'),
      /^"rule" must be omitted \(heap samples have no labels; .*\); got "r1"$/m,
    );
    assert.match(await text('debug=1'), /^debug must be 0 \(.*\); got "1"$/m);
    assert.match(await text('gc=1'), /^gc must be 0 \(.*\); got "1"$/m);
    assert.match(await text('seconds=x'), /^seconds must be/);
    assert.equal((await harness.get('/heap?gc=0&debug=0')).status, 200);
  });

  it('count as recordings until they are answered', async () => {
    await start({ heap: true, maxConcurrent: 1 });
    const first = harness.get('/allocs');
    await until(() => harness.clock.pendingTimers > 0);
    assert.equal((await harness.get('/heap?seconds=1')).status, 429);
    assert.equal((await harness.get('/heap')).status, 429);
    harness.clock.advance(30_000);
    assert.equal((await first).status, 200);
    assert.equal((await harness.get('/heap')).status, 200);
    assert.equal((await harness.get('/heap')).status, 200);
    assert.equal((await recorded('/allocs?seconds=1', 1_000)).status, 200);
  });

  it('sample nothing for a HEAD request', async () => {
    await start();
    const { status, headers } = await harness.get('/heap', { method: 'HEAD' });
    assert.equal(status, 200);
    assert.equal(headers['content-disposition'], 'attachment; filename="heap.pb.gz"');
    assert.deepEqual(harness.heap.opened, []);
  });

  it('refuse a recording that the server would cut off', async () => {
    await start();
    harness.server.setTimeout(5_000);
    for (const path of ['/heap', '/allocs?seconds=5']) {
      assert.match(
        (await harness.get(path)).text,
        /^seconds must be less than 5, after which this server closes silent connections/,
      );
    }
  });
});

describe('KeptHeap', () => {
  it('samples until it is closed', () => {
    const heap = new FakeHeap();
    const kept = new KeptHeap(heap, { intervalBytes: 4_096, allocations: true }, new LogSpy());
    assert.deepEqual(heap.opened, [{ intervalBytes: 4_096, allocations: true }]);
    assert.ok(kept.allocations);
    assert.deepEqual(plain(kept.profile())[0]?.values, [1, 100]);
    kept.close();
    kept.close();
    assert.equal(heap.open_.size, 0);
  });

  it('starts again after other code stopped it', () => {
    const heap = new FakeHeap();
    const kept = new KeptHeap(heap, {}, new LogSpy());
    heap.failure = new Error('stopped');
    assert.throws(() => kept.profile(), /stopped/);
    assert.equal(heap.open_.size, 0);
    heap.failure = undefined;
    kept.profile();
    assert.equal(heap.opened.length, 2);
  });

  it('reports that it did not start, and tries again', () => {
    const heap = new FakeHeap();
    heap.failure = new Error('taken');
    const logger = new LogSpy();
    const kept = new KeptHeap(heap, {}, logger);
    assert.match(logger.lines[0]?.message ?? '', /^rulescope: heap sampling did not start/);
    assert.throws(() => kept.profile(), /taken/);
    heap.failure = undefined;
    kept.profile();
  });
});
