import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import type { SamplingPlan } from '../../src/collector/SampledWorkers';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { WorkerConnection } from '../../src/workers/WorkerConnection';
import type { FromWorker, RecordMessage } from '../../src/workers/messages';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { node, origin, recording } from '../support/builders';
import { until } from '../support/until';

const PLAN = { samplingIntervalMicros: 10_101, windowMillis: 1_000, periodMillis: 1_000 };

const sample = (plan: Partial<SamplingPlan> | undefined) => ({ kind: 'sample', plan });

function setUp() {
  const sampler = new FakeSampler();
  const clock = new FakeClock();
  const parts = { sampler, labels: new FakeLabels(), clock, origin: { ...origin, threadId: 3 } };
  const { port1: main, port2 } = new MessageChannel();
  const received: FromWorker[] = [];
  let portClosed = false;
  main.on('message', (message: FromWorker) => received.push(message));
  main.on('close', () => (portClosed = true));
  main.unref();
  let closed = 0;
  const plans: SamplingPlan[] = [];
  const requests: RecordMessage[] = [];
  const connection = new WorkerConnection(
    port2,
    (plan) => {
      plans.push(plan);
      const { windowMillis, periodMillis } = plan;
      return new ThreadCollector(parts, { windowMillis, periodMillis });
    },
    (message) => requests.push(message),
    () => closed++,
  );
  const kinds = () => received.map(({ kind }) => kind);
  return {
    sampler,
    clock,
    main,
    received,
    kinds,
    connection,
    plans,
    requests,
    mainPortClosed: () => portClosed,
    closed: () => closed,
  };
}

describe('WorkerConnection', () => {
  it('does nothing until it gets a plan', () => {
    const { sampler, connection, plans } = setUp();
    assert.equal(connection.answered, false);
    assert.deepEqual([sampler.calls, plans], [[], []]);
    connection.close();
  });

  it('samples as the plan says, and sends each window', async () => {
    const { sampler, clock, main, kinds, connection, plans } = setUp();
    main.postMessage(sample(PLAN));
    await until(() => kinds().length === 1);
    assert.deepEqual(plans, [PLAN]);
    assert.equal(sampler.startedWith?.samplingIntervalMicros, 10_101);
    clock.advance(2_000);
    await until(() => kinds().length === 3);
    assert.deepEqual(kinds(), ['followed', 'window', 'window']);
    connection.close();
  });

  it('closes the open window on a repeated plan, and continues at the interval of a new plan', async () => {
    const { sampler, main, kinds, connection, plans } = setUp();
    main.postMessage(sample(PLAN));
    main.postMessage(sample(PLAN));
    await until(() => kinds().length === 3);
    assert.deepEqual(kinds(), ['followed', 'window', 'followed']);
    main.postMessage(sample({ ...PLAN, samplingIntervalMicros: 1_009 }));
    await until(() => kinds().length === 5);
    assert.deepEqual(kinds().slice(3), ['window', 'followed']);
    assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
    assert.equal(plans.length, 1);
    connection.close();
  });

  it('sends its last window without a plan, and samples again with the next', async () => {
    const { sampler, main, kinds, connection } = setUp();
    main.postMessage(sample(PLAN));
    main.postMessage(sample(undefined));
    await until(() => kinds().length === 3);
    assert.deepEqual(kinds(), ['followed', 'window', 'followed']);
    assert.equal(sampler.running, false);
    main.postMessage(sample(undefined));
    main.postMessage(sample(PLAN));
    await until(() => kinds().length === 5);
    assert.equal(sampler.running, true);
    connection.close();
    await until(() => kinds().length === 7);
    assert.deepEqual(kinds().slice(3), ['followed', 'followed', 'window', 'ended']);
  });

  it('passes on requests for recordings, and ignores messages of a kind that it does not know', async () => {
    const { sampler, main, requests, kinds, connection } = setUp();
    main.postMessage(sample(PLAN));
    main.postMessage({ kind: 'of a later version' });
    main.postMessage({ kind: 'record', request: { kind: 'lines' } });
    await until(() => requests.length === 1 && kinds().length > 0);
    assert.deepEqual(requests, [{ kind: 'record', request: { kind: 'lines' } }]);
    assert.deepEqual([kinds(), sampler.running], [['followed'], true]);
    connection.close();
  });

  it('is answered as soon as the main thread has sent a message', async () => {
    const { main, kinds, connection } = setUp();
    main.postMessage(sample(undefined));
    await until(() => kinds().length === 1);
    assert.equal(connection.answered, true);
    connection.close();
  });

  it('stops when the main thread closes the connection', async () => {
    const { sampler, main, kinds, closed } = setUp();
    main.postMessage(sample(PLAN));
    await until(() => kinds().length === 1);
    main.close();
    await until(() => closed() === 1);
    assert.equal(sampler.running, false);
  });

  it('sends the last window and says that it ends when the worker closes the connection', async () => {
    const { sampler, main, kinds, connection, mainPortClosed } = setUp();
    main.postMessage(sample(PLAN));
    await until(() => kinds().length === 1);
    connection.close();
    assert.equal(sampler.running, false);
    await until(mainPortClosed);
    assert.deepEqual(kinds(), ['followed', 'window', 'ended']);
  });

  it('sends a window whose labels cannot be cloned without its samples', async () => {
    const { sampler, main, received, connection } = setUp();
    main.postMessage(sample(PLAN));
    await until(() => received.length === 1);
    const labels = { rule: (() => 1) as unknown as string };
    sampler.rotate = () => recording({ root: node('f', [labels]), samplesTaken: 1 });
    main.postMessage(sample(PLAN));
    await until(() => received.length === 3);
    const [, message] = received;
    assert.ok(message?.kind === 'window');
    assert.match(message.window.error?.message ?? '', /could not be cloned/);
    assert.equal(message.window.root, undefined);
    connection.close();
  });
});
