import assert from 'node:assert/strict';
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { toPprof } from '../../src/pprof/toPprof';
import { WorkerRegistry } from '../../src/workers/WorkerRegistry';
import { FakeClock } from '../support/FakeClock';
import { FakeHandshake } from '../support/FakeHandshake';
import { origin, recording, windowOf } from '../support/builders';
import { until } from '../support/until';

const PLAN = {
  samplingIntervalMicros: 10_101,
  windowMillis: 1_000,
  periodMillis: 1_000,
  fairSampling: true,
};

function setUp() {
  const handshake = new FakeHandshake();
  const clock = new FakeClock();
  const registry = new WorkerRegistry(handshake.accept, clock, origin);
  const windows: ProfileWindow[] = [];
  const sample = (plan: typeof PLAN | undefined, to = windows) =>
    registry.sample(plan, (window) => to.push(window));
  return { handshake, clock, registry, windows, sample };
}

const followed = { kind: 'followed' } as const;
const ended = { kind: 'ended' } as const;
const windowMessage = (sequence = 1) =>
  ({
    kind: 'window',
    window: { ...windowOf(recording()), sequence },
  }) as const;

describe('WorkerRegistry', () => {
  it('accepts workers only while there is a plan', () => {
    const { handshake, sample } = setUp();
    assert.equal(handshake.opened, 0);
    void sample(PLAN);
    void sample({ ...PLAN, samplingIntervalMicros: 1_009 });
    assert.deepEqual([handshake.opened, handshake.closed], [1, 0]);
    void sample(undefined);
    void sample(undefined);
    assert.deepEqual([handshake.opened, handshake.closed], [1, 1]);
    void sample(PLAN);
    assert.equal(handshake.opened, 2);
  });

  it('accepts workers without a plan while somebody wants them', () => {
    const { handshake, registry, sample } = setUp();
    const [first, second] = [registry.hold(), registry.hold()];
    void sample(PLAN);
    void sample(undefined);
    first();
    first();
    assert.deepEqual([handshake.opened, handshake.closed], [1, 0]);
    second();
    assert.deepEqual([handshake.opened, handshake.closed], [1, 1]);
  });

  it('lists a worker and passes on requests once it has answered', async () => {
    const { handshake, registry } = setUp();
    registry.hold();
    let connected = 0;
    const stopListening = registry.onConnected(() => connected++);
    const { port1, port2: port } = new MessageChannel();
    const message = { kind: 'record', request: { kind: 'cpu', collector: PLAN }, port } as const;
    const worker = handshake.connect(3, 'a.js');
    // The worker has replaced this connection by another one before it answered.
    const replaced = handshake.connect(3, 'a.js');
    replaced.send(ended);
    await until(() => replaced.plans.length === 1 && worker.plans.length === 1);
    assert.deepEqual([registry.workers, connected], [[], 0]);
    worker.send(followed);
    await until(() => connected === 1);
    assert.deepEqual(registry.workers, [{ threadId: 3, name: 'a.js' }]);
    assert.deepEqual(registry.threadIds, [], 'it is not sampled');
    registry.record(3, message);
    await until(() => worker.requests.length === 1);
    stopListening();
    handshake.connect(4).send(followed);
    await until(() => registry.workers.length === 2);
    assert.equal(connected, 1);
    worker.end();
    await until(() => registry.workers.length === 1);
    port1.close();
    const second = new MessageChannel();
    registry.record(3, { ...message, port: second.port2 });
    await once(second.port1, 'close');
  });

  it('sends a worker each new plan, and that there is none', async () => {
    const { handshake, registry, sample, windows } = setUp();
    void sample(PLAN);
    const worker = handshake.connect(3);
    const faster = { ...PLAN, samplingIntervalMicros: 1_009 };
    void sample(faster);
    await until(() => worker.plans.length === 2);
    assert.deepEqual(worker.plans, [PLAN, faster]);
    worker.send(followed);
    await until(() => registry.threadIds.length === 1);
    worker.send(followed);
    const stopped = sample(undefined);
    await until(() => worker.plans.length === 3);
    assert.deepEqual([worker.plans.at(-1), registry.threadIds.length], [undefined, 1]);
    worker.send(followed);
    await stopped;
    assert.equal(registry.threadIds.length, 0);
    worker.end();
    await until(() => worker.closed);
    assert.deepEqual(windows, [], 'no window counts as lost');
  });

  it('delivers a window to those who were there when it began', async () => {
    const { handshake, sample } = setUp();
    const first: ProfileWindow[] = [];
    const second: ProfileWindow[] = [];
    void sample(PLAN, first);
    const worker = handshake.connect(3);
    worker.send(followed, windowMessage(1));
    await until(() => first.length === 1);
    void sample(PLAN, second);
    const stopped = sample(undefined);
    worker.send(windowMessage(2), followed, windowMessage(3), followed);
    await stopped;
    const sequences = (windows: ProfileWindow[]) => windows.map(({ sequence }) => sequence);
    assert.deepEqual([sequences(first), sequences(second)], [[1, 2], [3]]);
  });

  it('delivers the last window of a worker although there is no plan any more', async () => {
    const { handshake, registry, sample, windows } = setUp();
    void sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(followed);
    await until(() => registry.threadIds.length === 1);
    void sample(undefined);
    worker.end();
    await until(() => windows.length === 1);
    assert.equal(windows[0]?.error?.name, 'WorkerLostError');
  });

  it('asks workers for their windows, a blocked one only once', async () => {
    const { handshake, registry, sample } = setUp();
    assert.equal(registry.closeWindows(), undefined);
    void sample(PLAN);
    assert.equal(registry.closeWindows(), undefined);
    const worker = handshake.connect(3);
    for (let i = 0; i < 2; i++) void registry.closeWindows();
    const flushed = registry.closeWindows();
    worker.send(followed);
    await flushed;
    const next = registry.closeWindows();
    await until(() => worker.plans.length === 2);
    worker.end();
    await next;
    assert.deepEqual(worker.plans, [PLAN, PLAN]);
  });

  it('delivers the windows of a worker unchanged', async () => {
    const { handshake, sample, windows } = setUp();
    void sample(PLAN);
    handshake.connect(3).send(followed, windowMessage(1), windowMessage(2));
    await until(() => windows.length === 2);
    assert.deepEqual(
      windows.map(({ sequence }) => sequence),
      [1, 2],
    );
    assert.ok(Object.isFrozen(windows[0]));
    assert.ok(windows[0] && Object.isFrozen(windows[0]) && Object.isFrozen(windows[0].cpu));
    assert.ok(toPprof(windows[0]));
  });

  it('delivers one window with an error for a worker that ends with an open window', async () => {
    const { handshake, clock, registry, sample, windows } = setUp();
    void sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(followed, windowMessage(7));
    await until(() => windows.length === 1);
    clock.advance(400);
    clock.burn(0.3);
    worker.end();
    await until(() => windows.length === 2);
    const [, lost] = windows;
    assert.ok(lost !== undefined);
    assert.equal(lost.error?.name, 'WorkerLostError');
    assert.equal(lost.sequence, 8);
    assert.equal(lost.durationMillis, 400);
    assert.deepEqual(lost.cpu, { processSeconds: 0.3, threadSeconds: 0, otherThreadsSeconds: 0.3 });
    assert.equal(registry.threadIds.length, 0);
  });

  it('a lost window has its length although the wall clock was set back by an hour', async () => {
    const { handshake, clock, sample, windows } = setUp();
    void sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(followed, windowMessage(7));
    await until(() => windows.length === 1);
    clock.jump(-3_600_000);
    clock.advance(400);
    worker.end();
    await until(() => windows.length === 2);
    const { startTime, endTime, durationMillis, endMonotonicMillis } = windows[1]!;
    assert.deepEqual([endTime - startTime, durationMillis, endMonotonicMillis], [400, 400, 400]);
    assert.equal(endTime, FakeClock.EPOCH + 400 - 3_600_000);
  });

  it('knows the thread of a worker that ended before it sent a window', async () => {
    const { handshake, sample, windows } = setUp();
    void sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(followed);
    worker.end();
    await until(() => windows.length === 1);
    assert.equal(windows[0]?.origin.threadId, 3);
  });

  it('delivers no error for a worker that says that it ends, or that never started to sample', async () => {
    const { handshake, sample, windows } = setUp();
    void sample(PLAN);
    const orderly = handshake.connect(3);
    orderly.send(followed, windowMessage(), ended);
    orderly.end();
    handshake.connect(4).end();
    const last = handshake.connect(5);
    last.send(followed);
    last.end();
    await until(() => windows.some(({ error }) => error !== undefined));
    assert.deepEqual(
      windows.map(({ error }) => error?.message.slice(0, 8)),
      [undefined, 'worker 5'],
    );
  });
});
