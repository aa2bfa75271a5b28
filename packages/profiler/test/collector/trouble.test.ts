import type { SamplerOptions } from '../../src/sampler/Sampler';
import assert from 'node:assert/strict';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { systemClock } from '../../src/collector/Clock';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { createLabelStorage } from '../../src/labels/createLabelStorage';
import { origin } from '../support/builders';
import { DatadogSampler } from '../../src/sampler/DatadogSampler';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { burnCpu } from '../support/burn';

const WINDOW_MILLIS = 500;
const OPTIONS = { samplingIntervalMicros: 5_101, windowMillis: WINDOW_MILLIS };

/** The real sampler. A test can give it a smaller buffer than the collector requests. */
class TestSampler extends DatadogSampler {
  bufferMillis = 30_000;

  override start(options: SamplerOptions): void {
    super.start({ ...options, bufferMillis: this.bufferMillis });
  }

  /** Stops the native sampler without telling the collector. */
  kill(): void {
    const { profiler } = this as unknown as { profiler: { stop(restart: boolean): void } };
    profiler.stop(false);
  }
}

describe('ThreadCollector with a failing sampler or a stalled loop', function () {
  this.timeout(120_000);

  const labels = createLabelStorage();
  const options = { ...OPTIONS, bufferMillis: 30_000, fair: true };
  const sampler = new TestSampler(labels.frameStorage, options);
  labels.connect(sampler);

  const inRule = (rule: string, fn: () => void): void =>
    labels.run(labels.createLabelContext({ rule }), fn);

  const processSeconds = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };

  /** Returns the sum of all parts of a window's CPU. */
  function ledger(window: ProfileWindow): number {
    const parts = attributeCpu(window, 'rule');
    const rules = [...parts.labels.values()].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    const { unlabeled, gc, runtime, otherThreads } = parts;
    return (
      rules + unlabeled.cpuSeconds + gc.cpuSeconds + runtime.cpuSeconds + otherThreads.cpuSeconds
    );
  }

  /**
   * Samples until a window after `trouble` is complete. Asserts that the windows contain all CPU of
   * this time.
   */
  async function windowsAround(trouble: () => void): Promise<ProfileWindow[]> {
    const collector = new ThreadCollector({ sampler, labels, clock: systemClock, origin }, OPTIONS);
    const windows: ProfileWindow[] = [];
    let happened = false;
    let before = NaN;
    let after = NaN;
    await new Promise<void>((resolve) => {
      const consumer = collector.addConsumer('test', (window) => {
        windows.push(window);
        if (happened && window.complete && attributeCpu(window, 'rule').labels.has('later')) {
          after = processSeconds();
          void consumer.remove().then(resolve);
        } else {
          setImmediate(() => {
            if (happened) inRule('later', () => burnCpu(100));
            happened = true;
          });
        }
      });
      // The first window begins after the start of the sampler.
      before = processSeconds();
      trouble();
    });
    // Removing the consumer closes a last, very short window: up to milliseconds on a busy machine.
    const seen = windows.reduce((sum, window) => sum + ledger(window), 0);
    const used = after - before;
    assert.ok(Math.abs(seen - used) <= 0.01 + used * 0.01, `used ${used} s, found ${seen} s`);
    return windows;
  }

  it('loses no CPU when the loop stalls for 2 s', async () => {
    const windows = await windowsAround(() => inRule('stalls', () => burnCpu(2_000)));
    // On a busy machine, other windows may be closed late too. CPU of helper threads counts towards
    // the burnt 2 s, so this window may be shorter.
    const stalled = windows.find(({ durationMillis }) => durationMillis > 1_600);
    assert.equal(stalled?.incompleteReason, 'stall');
    const { labels: rules } = attributeCpu(stalled, 'rule');
    // The buffer had room for all samples, so the rule has its CPU. V8's helper threads and the time
    // before the first sample take up to half a second, as much as when this test lasted for 5 s.
    assert.ok((rules.get('stalls')?.cpuSeconds ?? 0) > 1.5);
  });

  it('loses no CPU when the buffer is full: later CPU is unlabeled', async () => {
    // The buffer has room for half a second.
    sampler.bufferMillis = 250;
    const windows = await windowsAround(() => inRule('fills', () => burnCpu(1_200)));
    sampler.bufferMillis = 30_000;
    const full = windows.filter(({ incompleteReason }) => incompleteReason === 'overflow');
    assert.equal(full.length, 1);
    const { labels: rules, unlabeled } = attributeCpu(full[0] as ProfileWindow, 'rule');
    const known = rules.get('fills')?.cpuSeconds ?? 0;
    // This is the CPU of half a second, less on a busy machine.
    assert.ok(known > 0 && known < 0.6, `${known} s`);
    assert.ok(unlabeled.cpuSeconds > 0.5, `${unlabeled.cpuSeconds} s`);
  });

  it('loses no CPU when the sampler is killed: one failed window, then it samples again', async () => {
    const windows = await windowsAround(() => {
      inRule('dies', () => burnCpu(300));
      sampler.kill();
    });
    const failed = windows.filter(({ error }) => error !== undefined);
    assert.equal(failed.length, 1);
    const { unlabeled, otherThreads } = attributeCpu(failed[0] as ProfileWindow, 'rule');
    // V8's helper threads may have used a part of the CPU.
    assert.ok(unlabeled.cpuSeconds + otherThreads.cpuSeconds >= 0.3);
  });
});
