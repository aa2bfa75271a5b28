import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import type { SamplingPlan } from '../../src/collector/OtherThreads';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { WorkerConnection } from '../../src/workers/WorkerConnection';
import type { FromWorker } from '../../src/workers/messages';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { node, origin, recording } from '../support/builders';
import { until } from '../support/until';

const PLAN = { samplingIntervalMicros: 10_101, windowMillis: 1_000, periodMillis: 1_000 };

function setUp() {
  const sampler = new FakeSampler();
  const clock = new FakeClock();
  const parts = { sampler, labels: new FakeLabels(), clock, origin: { ...origin, threadId: 3 } };
  const { port1: main, port2 } = new MessageChannel();
  const said: FromWorker[] = [];
  let hungUp = false;
  main.on('message', (message: FromWorker) => said.push(message));
  main.on('close', () => (hungUp = true));
  main.unref();
  let closed = 0;
  const asked: SamplingPlan[] = [];
  const line = new WorkerConnection(
    port2,
    (plan) => {
      asked.push(plan);
      const { windowMillis, periodMillis } = plan;
      return new ThreadCollector(parts, { windowMillis, periodMillis });
    },
    () => closed++,
  );
  const kinds = () => said.map(({ kind }) => kind);
  return {
    sampler,
    clock,
    main,
    said,
    kinds,
    line,
    asked,
    isHungUp: () => hungUp,
    closed: () => closed,
  };
}

describe('WorkerConnection', () => {
  it('does nothing until it is told how to sample', () => {
    const { sampler, line, asked } = setUp();
    assert.equal(line.answered, false);
    assert.deepEqual([sampler.calls, asked], [[], []]);
    line.close();
  });

  it('samples as it is told, and sends each window', async () => {
    const { sampler, clock, main, kinds, line, asked } = setUp();
    main.postMessage(PLAN);
    await until(() => kinds().length === 1);
    assert.deepEqual(asked, [PLAN]);
    assert.equal(sampler.startedWith?.samplingIntervalMicros, 10_101);
    clock.advance(2_000);
    await until(() => kinds().length === 3);
    assert.deepEqual(kinds(), ['started', 'window', 'window']);
    line.close();
  });

  it('told the same again closes the window under way, told another interval goes on with that', async () => {
    const { sampler, main, kinds, line, asked } = setUp();
    main.postMessage(PLAN);
    main.postMessage(PLAN);
    await until(() => kinds().length === 2);
    assert.deepEqual(kinds(), ['started', 'window']);
    main.postMessage({ ...PLAN, samplingIntervalMicros: 1_009 });
    await until(() => kinds().length === 3);
    assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
    assert.equal(asked.length, 1);
    line.close();
  });

  it('stops when the main thread hangs up', async () => {
    const { sampler, main, kinds, closed } = setUp();
    main.postMessage(PLAN);
    await until(() => kinds().length === 1);
    main.close();
    await until(() => closed() === 1);
    assert.equal(sampler.running, false);
  });

  it('when it ends itself sends what was recorded last, and says so', async () => {
    const { sampler, main, kinds, line, isHungUp } = setUp();
    main.postMessage(PLAN);
    await until(() => kinds().length === 1);
    line.close();
    assert.equal(sampler.running, false);
    await until(isHungUp);
    assert.deepEqual(kinds(), ['started', 'window', 'ended']);
  });

  it('sends a window whose labels cannot be cloned without them', async () => {
    const { sampler, main, said, line } = setUp();
    main.postMessage(PLAN);
    await until(() => said.length === 1);
    const labels = { rule: (() => 1) as unknown as string };
    sampler.rotate = () => recording({ root: node('f', [labels]), samplesTaken: 1 });
    main.postMessage(PLAN);
    await until(() => said.length === 2);
    const [, message] = said;
    assert.ok(message?.kind === 'window');
    assert.match(message.window.error?.message ?? '', /could not be cloned/);
    assert.equal(message.window.root, undefined);
    line.close();
  });
});
