import assert from 'node:assert/strict';
import { ProfileCollector } from '../../src/collector/ProfileCollector';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { AsyncHooksLabels } from '../../src/labels/AsyncHooksLabels';
import { UnavailableSampler } from '../../src/sampler/UnavailableSampler';
import { AsyncLocalStorage } from 'node:async_hooks';
import { FakeClock } from '../support/FakeClock';
import { origin } from '../support/builders';

describe('UnavailableSampler', () => {
  it('says why at every attempt', () => {
    const reason = new Error('no such platform');
    const sampler = new UnavailableSampler(reason);
    for (const attempt of ['start', 'rotate', 'stop', 'createHolder'] as const) {
      assert.throws(
        () => sampler[attempt](),
        (thrown) => thrown === reason,
      );
    }
    assert.equal(sampler.running, false);
    assert.equal(sampler.sampleCount(), 0);
  });

  it('leaves a collector that hands out failed windows, and labels that still travel', async () => {
    const reason = new Error('no such platform');
    const sampler = new UnavailableSampler(reason);
    const labels = new AsyncHooksLabels(new AsyncLocalStorage(), sampler);
    const clock = new FakeClock();
    const collector = new ProfileCollector(
      { sampler, labels, clock, origin },
      { windowMillis: 1_000 },
    );
    const windows: ProfileWindow[] = [];
    const consumer = collector.addConsumer('c', (window) => windows.push(window));
    clock.burn(0.5);
    clock.advance(1_000);
    const seen = await labels.run(labels.createLabelContext({ rule: 'a' }), async () => {
      await Promise.resolve();
      return labels.currentLabelContext()?.labels;
    });
    await consumer.remove();
    assert.deepEqual(seen, { rule: 'a' });
    assert.deepEqual(
      windows.map(({ error }) => error),
      [reason, reason],
    );
    assert.equal(windows[0]?.cpu.processSeconds, 0.5);
  });
});
