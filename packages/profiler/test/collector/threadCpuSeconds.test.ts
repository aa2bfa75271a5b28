import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadCpuSeconds } from '../../src/collector/threadCpuSeconds';
import { burnCpu } from '../support/burn';

const MODULE = JSON.stringify(join(__dirname, '../../src/collector/threadCpuSeconds'));

/** Readings are up to a tick old; the slowest tick is 10 ms. */
const TICK = 0.01;

describe('threadCpuSeconds', () => {
  it('counts what this thread uses', () => {
    const before = threadCpuSeconds();
    assert.ok(before !== undefined);
    burnCpu(200);
    const used = threadCpuSeconds()! - before;
    // Helper threads of V8 may have used a part of the 200 ms.
    assert.ok(used > 0.1 && used < 0.2 + 2 * TICK, `${used} s`);
  });

  it('and not what others use', async () => {
    const before = threadCpuSeconds()!;
    const worker = new Worker(
      `const { threadCpuSeconds } = require(${MODULE});
       while (threadCpuSeconds() < 0.3);
       require('node:worker_threads').parentPort.postMessage(threadCpuSeconds());`,
      { eval: true },
    );
    const [its] = (await once(worker, 'message')) as [number];
    assert.ok(its >= 0.3, `${its} s`);
    const used = threadCpuSeconds()! - before;
    assert.ok(used < 0.2, `${used} s`);
    await once(worker, 'exit');
  });
});
