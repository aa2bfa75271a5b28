import type { ClockReading } from '../../src/model/ClockReading';
import assert from 'node:assert/strict';
import { systemClock } from '../../src/collector/Clock';
import { burnCpu } from '../support/burn';
import { runInChild } from '../support/runInChild';

describe('systemClock', () => {
  it('reads the wall clock, a monotonic clock and the CPU of the process', () => {
    const read = (): ClockReading => {
      const { user, system } = process.cpuUsage();
      return {
        epochMillis: Date.now(),
        monotonicMillis: performance.now(),
        processCpuSeconds: (user + system) / 1e6,
      };
    };
    const before = read();
    burnCpu(10);
    const now = systemClock.now();
    burnCpu(10);
    const after = read();
    for (const clock of ['epochMillis', 'monotonicMillis', 'processCpuSeconds'] as const) {
      assert.ok(before[clock] < now[clock] && now[clock] < after[clock], clock);
    }
  });

  it('calls back once', async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => calls++);
      // The timer of the clock keeps nothing alive, so this one, which is due later, does.
      setTimeout(resolve, 30);
    });
    assert.equal(calls, 1);
  });

  it('does not call back once it was cancelled', async () => {
    const cancel = systemClock.after(1, () => assert.fail('called'));
    cancel();
    cancel();
    // Timers of one list run in order: when this one runs, a timer set before it would have run.
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('does not keep the process alive', async () => {
    const result = await runInChild(
      `load('collector/Clock').systemClock.after(1e9, () => undefined); console.log('set');`,
    );
    assert.deepEqual(result, { code: 0, signal: null, stdout: 'set\n', stderr: '' });
  });
});
