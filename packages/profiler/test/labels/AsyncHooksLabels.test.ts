import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { AsyncHooksLabels } from '../../src/labels/AsyncHooksLabels';
import { samplerSupport } from '../../src/thread/threadSampler';
import { FakeSink } from '../support/FakeSink';
import { assertFlowIsOwned } from '../support/assertFlowIsOwned';
import { runInChild } from '../support/runInChild';

describe('AsyncHooksLabels', () => {
  let sink: FakeSink;
  let labels: AsyncHooksLabels;
  const withRule = <R>(rule: string, fn: () => R): R =>
    labels.run(labels.createLabelContext({ rule }), fn);
  const monitors = () => process.listenerCount('uncaughtExceptionMonitor');

  beforeEach(() => {
    sink = new FakeSink();
    labels = new AsyncHooksLabels();
    labels.connect(sink);
  });

  afterEach(() => labels.samplingStopped());

  it('tells the sampler nothing while sampling is off', () => {
    withRule('a', () => undefined);
    labels.enter(labels.createLabelContext({ rule: 'b' }));
    assert.equal(sink.cellsHandedOver, 0);
  });

  it('labels each sample with what was current when it was taken', () => {
    labels.samplingStarted();
    sink.sample();
    withRule('a', () => {
      sink.sample();
      withRule('b', () => sink.sample());
      sink.sample();
    });
    sink.sample();
    assert.deepEqual(sink.rules, [undefined, 'a', 'b', 'a', undefined]);
  });

  it('never changes a cell that a sample has kept', () => {
    labels.samplingStarted();
    withRule('a', () => sink.sample());
    const [kept] = sink.samples;
    withRule('b', () => undefined);
    assert.deepEqual(kept?.labels, { rule: 'a' });
  });

  it('hands over no new cell where no sample has been taken', () => {
    labels.samplingStarted();
    const before = sink.cellsHandedOver;
    for (let i = 0; i < 100; i++) withRule(`rule ${i}`, () => undefined);
    assert.equal(sink.cellsHandedOver, before);
    withRule('a', () => sink.sample());
    assert.deepEqual(sink.rules, ['a']);
  });

  it('hands over a new cell when a recording is closed, with the labels that are current', () => {
    labels.samplingStarted();
    withRule('a', () => {
      const cell = sink.cell;
      labels.recordingClosed();
      assert.notEqual(sink.cell, cell);
      sink.sample();
    });
    assert.deepEqual(sink.rules, ['a']);
  });

  it('knows whose flow it is, whatever carriers are entered there, and there alone', async () => {
    labels.samplingStarted();
    await assertFlowIsOwned(labels, () => sink.sample());
    assert.deepEqual(sink.rules, [undefined]);
  });

  it('makes the outer carrier current again, also where the same was run and another entered', () => {
    labels.samplingStarted();
    const carrier = labels.createLabelContext({ rule: 'a' });
    labels.run(carrier, () => {
      labels.run(carrier, () => labels.enter(labels.createLabelContext({ rule: 'b' })));
      assert.equal(labels.currentLabelContext(), carrier);
      sink.sample();
    });
    assert.deepEqual(sink.rules, ['a']);
  });

  it('takes no owner along out of its flow', () => {
    const carrier = labels.runOwned({}, () => labels.currentLabelContext()!);
    labels.run(carrier, () => assert.equal(labels.currentOwner(), undefined));
  });

  it('is started once', () => {
    const before = monitors();
    labels.samplingStarted();
    labels.samplingStarted();
    assert.equal(monitors(), before + 1);
    labels.samplingStopped();
    assert.equal(monitors(), before);
  });

  it('can be stopped twice', () => {
    const before = monitors();
    labels.samplingStarted();
    labels.samplingStopped();
    labels.samplingStopped();
    assert.equal(monitors(), before);
  });

  it('tells the sampler nothing any more once sampling is off', async () => {
    labels.samplingStarted();
    labels.samplingStopped();
    const { cell, cellsHandedOver } = sink;
    await withRule('a', async () => {
      await Promise.resolve();
      sink.sample();
      await Promise.resolve();
    });
    assert.equal(sink.cellsHandedOver, cellsHandedOver);
    assert.equal(sink.cell, cell);
    assert.deepEqual(sink.rules, [undefined]);
  });

  it('keeps no flow that an uncaught exception has left for good', async () => {
    const emitter: EventEmitter = process;
    const interrupted = () => (labels as unknown as { interrupted: unknown[] }).interrupted.length;
    labels.samplingStarted();
    const [before, after] = await new Promise<number[]>((resolve) => {
      setImmediate(() => {
        const depth = interrupted();
        emitter.emit('uncaughtExceptionMonitor', new Error('test'));
        resolve([depth, interrupted()]);
      });
    });
    assert.deepEqual([before, after], [1, 0]);
  });

  it('has no label left over after an uncaught exception, and goes on labelling', async () => {
    // In a process of its own: here mocha would take the exception for its own.
    const result = await runInChild(
      `
      const { AsyncResource } = require('node:async_hooks');
      const { AsyncHooksLabels } = load('labels/AsyncHooksLabels');
      const { FakeSink } = require(${JSON.stringify(join(__dirname, '..', 'support', 'FakeSink.js'))});
      const sink = new FakeSink();
      const labels = new AsyncHooksLabels();
      labels.connect(sink);
      const withRule = (rule, fn) => labels.run(labels.createLabelContext({ rule }), fn);
      const fail = () => { throw new Error('mine'); };
      const nested = () => new AsyncResource('nested').runInAsyncScope(() => withRule('b', fail));
      const thrown = [];
      process.on('uncaughtException', (error) => thrown.push(error.message));
      labels.samplingStarted();
      const ways = [
        (fn) => setImmediate(fn), (fn) => setTimeout(fn, 1), (fn) => process.nextTick(fn),
        (fn) => queueMicrotask(fn), (fn) => require('node:fs').stat('.', fn),
      ];
      (async () => {
        for (const way of ways) {
          for (const failure of [fail, nested]) {
            withRule('a', () => way(failure));
            while (thrown.length === 0) await new Promise((resolve) => setImmediate(resolve));
            thrown.length = 0;
            sink.sample();
            withRule('c', () => sink.sample());
            await withRule('d', async () => { await null; sink.sample(); });
            sink.sample();
          }
        }
        labels.samplingStopped();
        console.log(JSON.stringify(sink.rules.map((rule) => rule ?? '-')), labels.interrupted.length);
      })();
      `,
      { nodeOptions: samplerSupport().asyncContextFrame ? ['--no-async-context-frame'] : [] },
    );
    const expected = Array.from({ length: 10 }, () => ['-', 'c', 'd', '-']).flat();
    assert.equal(result.stderr, '');
    assert.equal(result.stdout, `${JSON.stringify(expected)} 0\n`);
  });
});
