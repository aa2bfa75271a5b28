import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { PprofHandlerOptions } from '../../../src/http/options';
import { PprofHarness, type Response } from '../../support/PprofHarness';
import { plain } from '../../support/pprof';
import { until } from '../../support/until';

/** What is shown first, and the values of the one sample. */
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

  /** The answer to a request that samples for `millis`. */
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

  it('answer at once of sampling that is always on', async () => {
    await start({ heap: { allocations: true } });
    assert.deepEqual(valuesOf(await harness.get('/heap')), ['inuse_space', [1, 100]]);
    assert.deepEqual(valuesOf(await harness.get('/allocs')), ['alloc_space', [2, 200]]);
    assert.equal(harness.heap.opened.length, 1);
  });

  it('heap gives the change within some seconds of it', async () => {
    await start({ heap: true });
    valuesOf(await harness.get('/heap'));
    assert.deepEqual(valuesOf(await recorded('/heap?seconds=2', 2_000)), ['inuse_space', [1, 100]]);
    assert.equal(harness.heap.open_.size, 1);
  });

  it('allocs says why where the runtime cannot', async () => {
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
    assert.deepEqual([status, text], [503, 'the heap could not be sampled: somebody else does\n']);
    harness.heap.supported = false;
    assert.equal((await harness.get('/heap')).text, 'not on this machine\n');
  });

  it('have no labels, and none of what is Go’s alone', async () => {
    await start({ heap: true });
    const text = async (query: string) => (await harness.get(`/heap?${query}`)).text;
    assert.match(await text('rule=r1'), /^"rule" is no parameter here: there is seconds/);
    assert.match(await text('debug=1'), /^debug is not supported/);
    assert.match(await text('gc=1'), /^gc is not supported/);
    assert.match(await text('seconds=x'), /^seconds must be/);
    assert.equal((await harness.get('/heap?gc=0&debug=0')).status, 200);
  });

  it('take a place among the recordings only when they take time', async () => {
    await start({ heap: true, maxConcurrent: 1 });
    const first = harness.get('/allocs');
    await until(() => harness.clock.pendingTimers > 0);
    assert.equal((await harness.get('/heap?seconds=1')).status, 429);
    assert.equal((await harness.get('/heap')).status, 200);
    harness.clock.advance(30_000);
    assert.equal((await first).status, 200);
    assert.equal((await recorded('/allocs?seconds=1', 1_000)).status, 200);
  });

  it('sample nothing for a HEAD', async () => {
    await start();
    const { status, headers } = await harness.get('/heap', { method: 'HEAD' });
    assert.equal(status, 200);
    assert.equal(headers['content-disposition'], 'attachment; filename="heap.pb.gz"');
    assert.deepEqual(harness.heap.opened, []);
  });

  it('refuse what the server would cut', async () => {
    await start();
    harness.server.setTimeout(5_000);
    for (const path of ['/heap', '/allocs?seconds=5']) {
      assert.match(
        (await harness.get(path)).text,
        /is longer than this server lets a connection be/,
      );
    }
  });
});
