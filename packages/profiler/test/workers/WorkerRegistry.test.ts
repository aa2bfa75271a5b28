import assert from 'node:assert/strict';
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
  const sample = (plan: typeof PLAN | undefined) => registry.sample(plan, (w) => windows.push(w));
  return { handshake, clock, registry, windows, sample };
}

const started = { kind: 'started' } as const;
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
    sample(PLAN);
    sample({ ...PLAN, samplingIntervalMicros: 1_009 });
    assert.deepEqual([handshake.opened, handshake.closed], [1, 0]);
    sample(undefined);
    sample(undefined);
    assert.deepEqual([handshake.opened, handshake.closed], [1, 1]);
    sample(PLAN);
    assert.equal(handshake.opened, 2);
  });

  it('sends a worker each new plan, and closes the connection when there is no plan', async () => {
    const { handshake, registry, sample, windows } = setUp();
    sample(PLAN);
    const worker = handshake.connect(3);
    const faster = { ...PLAN, samplingIntervalMicros: 1_009 };
    sample(faster);
    await until(() => worker.plans.length === 2);
    assert.deepEqual(worker.plans, [PLAN, faster]);
    worker.send(started);
    await until(() => registry.count === 1);
    sample(undefined);
    assert.equal(registry.count, 0);
    await until(() => worker.closed);
    assert.deepEqual(windows, [], 'no window counts as lost');
  });

  it('delivers the windows of a worker unchanged', async () => {
    const { handshake, sample, windows } = setUp();
    sample(PLAN);
    handshake.connect(3).send(started, windowMessage(1), windowMessage(2));
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
    sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(started, windowMessage(7));
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
    assert.equal(registry.count, 0);
  });

  it('a lost window has its length although the wall clock was set back by an hour', async () => {
    const { handshake, clock, sample, windows } = setUp();
    sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(started, windowMessage(7));
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
    sample(PLAN);
    const worker = handshake.connect(3);
    worker.send(started);
    worker.end();
    await until(() => windows.length === 1);
    assert.equal(windows[0]?.origin.threadId, 3);
  });

  it('delivers no error for a worker that says that it ends, or that never started to sample', async () => {
    const { handshake, sample, windows } = setUp();
    sample(PLAN);
    const orderly = handshake.connect(3);
    orderly.send(started, windowMessage(), ended);
    orderly.end();
    handshake.connect(4).end();
    const last = handshake.connect(5);
    last.send(started);
    last.end();
    await until(() => windows.some(({ error }) => error !== undefined));
    assert.deepEqual(
      windows.map(({ error }) => error?.message.slice(0, 8)),
      [undefined, 'worker 5'],
    );
  });
});
