import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readThreadTimes } from '../../src/collector/readThreadTimes';
import type { ThreadTimes } from '../../src/window/closeWindow';
import { burnCpu } from '../support/burn';

const MODULE = JSON.stringify(join(__dirname, '../../src/collector/readThreadTimes'));

/** As the collector reads it: the clock of the process first. */
function read(): ThreadTimes & { processSeconds: number } {
  const { user, system } = process.cpuUsage();
  const times = readThreadTimes();
  assert.ok(times !== undefined);
  return { ...times, processSeconds: (user + system) / 1e6 };
}

describe('readThreadTimes', () => {
  it('counts what this thread uses, and not more than the process', () => {
    const before = read();
    burnCpu(200);
    const after = read();
    const used = after.cpuSeconds - before.cpuSeconds;
    const usedByProcess = after.processSeconds - before.processSeconds;
    // Helper threads of V8 may have used a part of the 200 ms. Each reading takes some microseconds.
    assert.ok(used > 0.1 && used < usedByProcess + 0.001, `${used} s of ${usedByProcess} s`);
  });

  it('and not what others use', async () => {
    const before = read();
    const worker = new Worker(
      `const { readThreadTimes } = require(${MODULE});
       while (readThreadTimes().cpuSeconds < 0.3) process.cpuUsage();
       require('node:worker_threads').parentPort.postMessage(readThreadTimes().cpuSeconds);`,
      { eval: true },
    );
    const [its] = (await once(worker, 'message')) as [number];
    assert.ok(its >= 0.3, `${its} s`);
    const used = read().cpuSeconds - before.cpuSeconds;
    assert.ok(used < 0.2, `${used} s`);
    await once(worker, 'exit');
  });

  it('counts each time the thread was put on a processor', async () => {
    const before = read();
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    const { wakeUps = 0 } = read();
    assert.ok(wakeUps - (before.wakeUps ?? 0) >= 20);
  });

  it('counts the time that the thread could run and had to wait', () => {
    const { waitSeconds = NaN } = read();
    const again = read().waitSeconds ?? NaN;
    assert.ok(waitSeconds >= 0 && again >= waitSeconds);
  });
});
