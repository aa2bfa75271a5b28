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
        epochMillis: Date.now() - 1,
        monotonicMillis: process.uptime() * 1000,
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
      // The clock's timer does not keep the process alive, so this later timer does.
      setTimeout(resolve, 30);
    });
    assert.equal(calls, 1);
  });

  it('does not call back after it is canceled', async () => {
    const cancel = systemClock.after(1, () => assert.fail('called'));
    cancel();
    cancel();
    // Timers of the same duration run in order. An uncancelled timer would run before this one.
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('does not keep the process alive', async () => {
    const result = await runInChild(
      `load('collector/Clock').systemClock.after(1e9, () => undefined); console.log('set');`,
    );
    assert.deepEqual(result, { code: 0, signal: null, stdout: 'set\n', stderr: '' });
  });

  it('keeps its timers where a test fakes the timers of the process', async () => {
    const { stdout, stderr } = await runInChild(`
      const { sharedCollector } = load('index');
      const real = { setTimeout, setImmediate };
      globalThis.setTimeout = globalThis.setImmediate = () => ({ unref() { return this; } });
      const alive = setInterval(() => undefined, 1_000);
      const consumer = sharedCollector({ windowMillis: 100 }).addConsumer('c', () => {
        console.log('window');
        clearInterval(alive);
        consumer.remove();
      });
    `);
    assert.deepEqual({ stdout: stdout.split('\n')[0], stderr }, { stdout: 'window', stderr: '' });
  });
});
