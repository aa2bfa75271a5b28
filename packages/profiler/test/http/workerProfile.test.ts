import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { PprofHarness, type Response } from '../support/PprofHarness';
import { plain } from '../support/pprof';
import { until } from '../support/until';

const WORKERS = [
  { threadId: 3, name: 'append.js' },
  { threadId: 4, name: '<b>' },
];

describe('thread= of /debug/pprof', () => {
  let harness: PprofHarness;

  beforeEach(async () => {
    harness = await new PprofHarness({ heap: true }).start();
    harness.workers.threads = WORKERS;
  });

  afterEach(async () => {
    await harness.stop();
    assert.equal(harness.workers.running, 0);
    assert.equal(harness.workers.closed, 1);
  });

  /** Returns the response to a request that records for a second. */
  async function recorded(path: string): Promise<Response> {
    const response = harness.get(path);
    await until(() => harness.clock.pendingTimers > 0);
    harness.clock.advance(1_000);
    return response;
  }

  function valuesOf({ status, text, body }: Response): readonly number[] {
    assert.equal(status, 200, text);
    return plain(Profile.decode(gunzipSync(body))).flatMap(({ values }) => values);
  }

  it('records in that worker, by its name or its id', async () => {
    const paths = ['profile?', 'profile?lines=1&hz=100&', 'heap?', 'allocs?'];
    for (const path of paths) {
      for (const thread of ['worker-3', '3']) {
        assert.deepEqual(valuesOf(await recorded(`/${path}seconds=1&thread=${thread}`)), [3]);
      }
    }
    assert.deepEqual(
      harness.workers.recorded.filter((_, index) => index % 2 === 0),
      [
        [3, { kind: 'cpu' }],
        [3, { kind: 'lines', samplingIntervalMicros: 10_101 }],
        [3, { kind: 'heap' }],
        [3, { kind: 'allocs' }],
      ],
    );
    assert.deepEqual([harness.sampler.calls, harness.lines.started], [[], 0]);
  });

  it('main is this thread', async () => {
    for (const thread of ['main', '0']) {
      assert.equal((await recorded(`/profile?seconds=1&lines=1&thread=${thread}`)).status, 200);
      assert.equal((await harness.get(`/heap?thread=${thread}`)).status, 200);
    }
    assert.deepEqual(harness.workers.recorded, []);
  });

  it('selects samples by their labels', async () => {
    const path = '/profile?seconds=1&thread=worker-3';
    assert.deepEqual(valuesOf(await recorded(`${path}&rule=r1`)), [3]);
    assert.deepEqual(valuesOf(await recorded(`${path}&rule=r2`)), []);
    assert.equal((await recorded(`${path}&tenant=a`)).status, 404);
  });

  it('lists the threads there are when there is no such thread', async () => {
    for (const thread of [
      'worker-9',
      'all',
      '',
      'worker-',
      '-1',
      '1e2',
      `worker-${'9'.repeat(20)}`,
    ]) {
      const { status, text } = await harness.get(`/heap?thread=${thread}`);
      assert.deepEqual(
        [status, text],
        [
          404,
          `thread must be one of main, worker-3 (append.js), worker-4 (<b>); got "${thread}". ` +
            'A worker can be chosen if it called sampleWorker(), as RuleInstrumentation does\n',
        ],
      );
    }
    assert.equal((await harness.get('/profile?thread=3&thread=4')).status, 400);
  });

  it('is on the index page, with the threads there are', async () => {
    const page = (await harness.get('/')).text;
    const listed =
      /<dt>thread=worker-N<\/dt><dd>[^<]*: worker-3 \(append\.js\), worker-4 \(&lt;b&gt;\)\./g;
    assert.equal(page.match(listed)?.length, 3);
    harness.workers.threads = Array.from({ length: 60 }, (_, threadId) => ({ threadId, name: '' }));
    assert.match((await harness.get('/')).text, /worker-49 \(\), 10 more\./);
    harness.workers.threads = [];
    assert.match((await harness.get('/')).text, /instead of this one: none now\./);
  });

  it('answers as soon as the worker ends, with what it had', async () => {
    const response = harness.get('/profile?seconds=300&thread=worker-3');
    await until(() => harness.clock.pendingTimers > 0);
    harness.workers.end();
    assert.deepEqual(valuesOf(await response), [3]);
    assert.equal(harness.clock.pendingTimers, 0);
  });

  it('says why there is no profile', async () => {
    const lost = harness.get('/allocs?seconds=300&thread=worker-3');
    await until(() => harness.clock.pendingTimers > 0);
    harness.workers.end(new Error('worker-3 ended'));
    const { status, text } = await lost;
    assert.deepEqual([status, text], [503, 'the recording failed: worker-3 ended\n']);
    harness.workers.failure = new Error('worker-3 did not answer');
    const failed = await harness.get('/profile?thread=worker-3');
    assert.deepEqual(
      [failed.status, failed.text],
      [503, 'the recording failed: worker-3 did not answer\n'],
    );
  });

  it('heap and allocs of a worker do not depend on the heap of this thread', async () => {
    harness.heap.supported = false;
    harness.heap.allocations = false;
    assert.equal((await harness.get('/allocs')).status, 503);
    assert.deepEqual(valuesOf(await recorded('/allocs?seconds=1&thread=worker-3')), [3]);
    harness.heap.supported = true;
    assert.equal((await harness.get('/allocs?thread=worker-3')).status, 501);
    harness.unsupported = new Error('no native code');
    assert.equal((await harness.get('/profile?thread=worker-3')).status, 501);
  });

  it('counts as a recording until it is answered', async () => {
    await harness.stop();
    assert.equal(harness.workers.closed, 1);
    harness = await new PprofHarness({ maxConcurrent: 1 }).start();
    harness.workers.threads = WORKERS;
    harness.workers.slow = true;
    const first = harness.get('/profile?seconds=1&thread=worker-3');
    await until(() => harness.workers.recorded.length === 1);
    assert.equal((await harness.get('/profile?seconds=1&thread=worker-4')).status, 429);
    harness.workers.slow = false;
    harness.workers.begin();
    await until(() => harness.clock.pendingTimers > 0);
    harness.clock.advance(1_000);
    assert.equal((await first).status, 200);
    assert.deepEqual(valuesOf(await recorded('/heap?seconds=1&thread=worker-4')), [4]);
  });

  it('discards the recording when the client disconnects, also before it has begun', async () => {
    const request = harness.send('/profile?seconds=300&thread=worker-3');
    request.on('error', () => undefined);
    await until(() => harness.clock.pendingTimers > 0);
    request.destroy();
    await until(() => harness.workers.running === 0);
    harness.workers.slow = true;
    const second = harness.send('/profile?seconds=300&thread=worker-3');
    second.on('error', () => undefined);
    await until(() => harness.workers.recorded.length === 2);
    second.destroy();
    await until(() => harness.clock.pendingTimers === 0);
    harness.workers.begin();
    await until(() => harness.workers.running === 0);
    assert.deepEqual(harness.workers.stopped, []);
  });

  it('answers with a partial profile when the handler closes', async () => {
    const response = harness.get('/profile?seconds=300&thread=worker-3');
    await until(() => harness.clock.pendingTimers > 0);
    void harness.handler.close();
    assert.deepEqual(valuesOf(await response), [3]);
    assert.match(
      harness.workers.stopped[0]![0]!,
      /^ended after 0\.0 s of 300 s: .* shutting down$/,
    );
  });

  it('does not wait for a worker to appear when the handler closes', async () => {
    harness.workers.find = () => new Promise(() => undefined);
    const response = harness.get('/heap?thread=worker-5');
    await until(() => harness.requests === 1);
    await harness.handler.close();
    assert.equal((await response).status, 503);
  });

  it('records nothing for a HEAD request', async () => {
    const { status } = await harness.get('/allocs?thread=worker-3', { method: 'HEAD' });
    assert.deepEqual([status, harness.workers.recorded], [200, []]);
  });
});
