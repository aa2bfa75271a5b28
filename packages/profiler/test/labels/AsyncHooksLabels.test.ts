import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { AsyncHooksLabels } from '../../src/labels/AsyncHooksLabels';
import { samplerSupport } from '../../src/thread/threadSampler';
import { assertFlowIsOwned } from '../support/assertFlowIsOwned';
import { FakeSink } from '../support/FakeSink';
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
    assert.equal(sink.cellsReceived, 0);
  });

  it('labels each sample with the labels that were current when it was taken', () => {
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

  it('never changes a cell that a sample keeps', () => {
    labels.samplingStarted();
    withRule('a', () => sink.sample());
    const [kept] = sink.samples;
    withRule('b', () => undefined);
    assert.deepEqual(kept?.labels, { rule: 'a' });
  });

  it('hands over no new cell if no sample was taken', () => {
    labels.samplingStarted();
    const before = sink.cellsReceived;
    for (let i = 0; i < 100; i++) withRule(`rule ${i}`, () => undefined);
    assert.equal(sink.cellsReceived, before);
    withRule('a', () => sink.sample());
    assert.deepEqual(sink.rules, ['a']);
  });

  it('hands over a new cell with the current labels when a recording is closed', () => {
    labels.samplingStarted();
    withRule('a', () => {
      const cell = sink.cell;
      labels.recordingClosed();
      assert.notEqual(sink.cell, cell);
      sink.sample();
    });
    assert.deepEqual(sink.rules, ['a']);
  });

  it('knows the owner of a flow, regardless of the contexts entered in it, and only there', async () => {
    labels.samplingStarted();
    await assertFlowIsOwned(labels, () => sink.sample());
    assert.deepEqual(sink.rules, [undefined]);
  });

  it('restores the outer context, even if it was run again and another one was entered there', () => {
    labels.samplingStarted();
    const context = labels.createLabelContext({ rule: 'a' });
    labels.run(context, () => {
      labels.run(context, () => labels.enter(labels.createLabelContext({ rule: 'b' })));
      assert.equal(labels.currentLabelContext(), context);
      sink.sample();
    });
    assert.deepEqual(sink.rules, ['a']);
  });

  it('does not carry the owner out of its flow', () => {
    const context = labels.runOwned({}, () => labels.currentLabelContext()!);
    labels.run(context, () => assert.equal(labels.currentOwner(), undefined));
  });

  it('adds one listener even if it is started twice', () => {
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

  it('tells the sampler nothing after sampling has stopped', async () => {
    labels.samplingStarted();
    labels.samplingStopped();
    const { cell, cellsReceived } = sink;
    await withRule('a', async () => {
      await Promise.resolve();
      sink.sample();
      await Promise.resolve();
    });
    assert.equal(sink.cellsReceived, cellsReceived);
    assert.equal(sink.cell, cell);
    assert.deepEqual(sink.rules, [undefined]);
  });

  it('forgets the flows that an uncaught exception has ended', async () => {
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

  it('leaves no label behind after an uncaught exception, and continues to label samples', async () => {
    // Runs in a child process, because mocha would count the exception as a failure.
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

  it('refuses a second sampler, which would take the labels of the first', () => {
    assert.throws(() => labels.connect(new FakeSink()), /already have a sampler/);
  });
});
