import assert from 'node:assert/strict';
import timers from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { systemClock } from '../../src/collector/Clock';
import { DISCONNECTED, SHUTTING_DOWN } from '../../src/http/endpoint';
import { mapToSources, recordingEnd, throwIfDisconnected } from '../../src/http/recordings';
import type { Profile as PprofProfile } from '../../src/pprof/Profile';
import { ProfileReader } from '../../src/pprof/ProfileReader';
import { FakeClock } from '../support/FakeClock';
import { PprofHarness, type Response } from '../support/PprofHarness';
import { plain } from '../support/pprof';
import { profileOf } from '../support/profiles';
import { until } from '../support/until';

describe('recordingEnd', () => {
  function setUp() {
    const clock = new FakeClock();
    const controller = new AbortController();
    const { signal } = controller;
    const end = (seconds: number) => recordingEnd(seconds, signal, clock);
    return { clock, controller, signal, end };
  }

  it('waits for the seconds', async () => {
    const { clock, signal, end } = setUp();
    const waiting = end(1);
    clock.advance(1_000);
    assert.deepEqual(await waiting, []);
    throwIfDisconnected(signal);
  });

  it('ends when the signal aborts, says so, and leaves no timer', async () => {
    const { clock, controller, signal, end } = setUp();
    const waiting = end(30);
    clock.advance(4_000);
    controller.abort(SHUTTING_DOWN);
    const comment = 'ended after 4.0 s of 30 s: this server is shutting down';
    assert.deepEqual(await waiting, [comment]);
    assert.equal(clock.pendingTimers, 0);
    assert.equal((await end(1)).length, 1);
    assert.equal(clock.pendingTimers, 0);
    throwIfDisconnected(signal);
  });

  it('tells a client that disconnected from a shutdown', async () => {
    const { controller, signal, end } = setUp();
    const waiting = end(30);
    controller.abort(DISCONNECTED);
    await waiting;
    assert.throws(() => throwIfDisconnected(signal), DISCONNECTED);
  });

  it('does not stop with the fake timers of a user’s test', async () => {
    const { setTimeout: promised } = timers;
    const { setTimeout: plain, performance: clock } = globalThis;
    const fake = (): never => assert.fail('a fake timer was used');
    timers.setTimeout = fake;
    globalThis.setTimeout = fake as unknown as typeof plain;
    const now = clock.now;
    clock.now = fake;
    try {
      const { signal } = new AbortController();
      const ended = recordingEnd(0.001, signal, systemClock);
      const [comments] = await Promise.all([ended, timers.setImmediate()]);
      assert.deepEqual(comments, []);
    } finally {
      timers.setTimeout = promised;
      globalThis.setTimeout = plain;
      clock.now = now;
    }
  });

  it('ends when the signal aborts, by the clock of the system', async () => {
    const controller = new AbortController();
    const waiting = recordingEnd(1e6, controller.signal, systemClock);
    controller.abort(SHUTTING_DOWN);
    assert.equal((await waiting).length, 1);
    assert.equal((await recordingEnd(1e6, controller.signal, systemClock)).length, 1);
  });
});

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
    assert.match(harness.workers.stopped[0]![0]!, /: the recording in the worker is over$/);
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

  it('discards the recording when the client disconnects while the profile is built', async () => {
    harness.workers.holdsProfile = true;
    const request = harness.send('/profile?seconds=1&thread=worker-3');
    request.on('error', () => undefined);
    await until(() => harness.clock.pendingTimers > 0);
    harness.clock.advance(1_000);
    await until(() => harness.workers.stopped.length === 1);
    request.destroy();
    await until(() => harness.workers.running === 0);
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
    harness.workers.slow = true;
    const response = harness.get('/heap?thread=worker-5');
    await until(() => harness.workers.waiting === 1);
    await harness.handler.close();
    assert.equal((await response).status, 503);
    assert.equal(harness.workers.waiting, 0);
  });

  it('does not wait for a worker to appear when the client disconnects', async () => {
    harness.workers.slow = true;
    const request = harness.send('/profile?thread=worker-5');
    request.on('error', () => undefined);
    await until(() => harness.workers.waiting === 1);
    request.destroy();
    await until(() => harness.workers.waiting === 0);
  });

  it('counts as a recording while it waits for a worker to appear', async () => {
    await harness.stop();
    harness = await new PprofHarness({ maxConcurrent: 1, heap: true }).start();
    harness.workers.slow = true;
    const first = harness.get('/heap?thread=worker-5');
    await until(() => harness.workers.waiting === 1);
    for (const path of ['/heap?thread=worker-6', '/profile?thread=worker-6', '/heap']) {
      assert.equal((await harness.get(path)).status, 429);
    }
    // What needs no place is answered as ever.
    assert.equal((await harness.get('/heap', { method: 'HEAD' })).status, 200);
    await harness.handler.close();
    assert.equal((await first).status, 503);
  });

  it('records nothing for a HEAD request', async () => {
    const { status } = await harness.get('/allocs?thread=worker-3', { method: 'HEAD' });
    assert.deepEqual([status, harness.workers.recorded], [200, []]);
  });
});

/** This file as it runs: it has a source map. */
const profile = profileOf({
  samples: [
    {
      stack: [
        { name: 'f', file: __filename, line: 20 },
        { name: 'g', file: '/no.js', line: 2 },
      ],
      values: [1],
    },
  ],
});

function filesOf(mapped: PprofProfile): string[] {
  const reader = new ProfileReader(mapped);
  return reader.samples.flatMap((sample) =>
    reader.stack(sample).flatMap((at) => reader.frames(at).map(({ file }) => file)),
  );
}

describe('mapToSources', () => {
  it('gives places in the sources, where a map on disk has them', async () => {
    for (const given of [profile, profile.encode()]) {
      const [first, second] = filesOf(await mapToSources(given));
      assert.match(first!, /\/test\/http\/recordings\.test\.ts$/);
      assert.equal(second, '/no.js');
    }
  });

  it('happens for sources=1', async () => {
    const harness = await new PprofHarness().start();
    const files = async (query: string): Promise<string[]> => {
      const response = harness.get(`/heap?seconds=1${query}`);
      await until(() => harness.clock.pendingTimers > 0);
      harness.clock.advance(1_000);
      return filesOf(Profile.decode(gunzipSync((await response).body)));
    };
    try {
      const wrong = await harness.get('/heap?sources=x');
      assert.deepEqual([wrong.status, wrong.text], [400, 'sources must be 0 or 1; got "x"\n']);
      harness.heap.open = () => ({ profile: () => profile, close: () => undefined });
      assert.match((await files('&sources=1'))[0]!, /\.ts$/);
      assert.match((await files(''))[0]!, /\.js$/);
    } finally {
      await harness.stop();
    }
  });
});
