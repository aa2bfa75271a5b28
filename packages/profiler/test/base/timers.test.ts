import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { timers } from '../../src/base/timers';
import { runInChild } from '../support/runInChild';

describe('timers', () => {
  it('has the wall clock', () => {
    const before = Date.now();
    const now = timers.epochMillis();
    assert.ok(before <= now && now <= Date.now());
  });

  it('has a monotonic clock that all threads share', async () => {
    const before = timers.monotonicMillis();
    const worker = new Worker(
      `require('node:worker_threads').parentPort.postMessage(require(${JSON.stringify(
        require.resolve('../../src/base/timers'),
      )}).timers.monotonicMillis())`,
      { eval: true },
    );
    const now = await new Promise<number>((resolve) => worker.once('message', resolve));
    assert.ok(before <= now && now <= timers.monotonicMillis(), `${before}, ${now}`);
  });

  it('are those of Node.js unless fake timers are installed', async () => {
    const { stdout } = await runInChild(`
      load('base/timers');
      console.log(Object.keys(require.cache).some((path) => path.includes('standInTimers')));
    `);
    assert.equal(stdout, 'false\n');
  });

  it('cancels a timer, once or twice', async () => {
    const timer = timers.setTimeout(() => assert.fail('called'), 1);
    timers.clearTimeout(timer);
    timers.clearTimeout(timer);
    await new Promise<void>((resolve) => timers.setTimeout(resolve, 1));
  });
});
