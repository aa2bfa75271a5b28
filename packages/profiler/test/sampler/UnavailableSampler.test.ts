import assert from 'node:assert/strict';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { AsyncHooksLabels } from '../../src/labels/AsyncHooksLabels';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { UnavailableSampler } from '../../src/sampler/UnavailableSampler';
import { origin } from '../support/builders';
import { FakeClock } from '../support/FakeClock';

describe('UnavailableSampler', () => {
  it('throws the reason at every attempt', () => {
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

  it('lets the collector deliver failed windows and lets labels follow their flow', async () => {
    const reason = new Error('no such platform');
    const sampler = new UnavailableSampler(reason);
    const labels = new AsyncHooksLabels();
    labels.connect(sampler);
    const clock = new FakeClock();
    const collector = new ThreadCollector(
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
      windows.map(({ error }) => error?.message),
      [reason.message, reason.message],
    );
    assert.equal(windows[0]?.cpu.processSeconds, 0.5);
  });
});
