import assert from 'node:assert/strict';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { origin } from '../support/builders';

describe('a span of a collector that pauses between windows', () => {
  it('is sampled without a pause, and the collector pauses again after it', () => {
    const clock = new FakeClock();
    const sampler = new FakeSampler();
    const collector = new ThreadCollector(
      { sampler, labels: new FakeLabels(), clock, origin },
      { windowMillis: 1_000, periodMillis: 10_000 },
    );
    const consumer = collector.addConsumer('c', () => undefined);
    clock.advance(5_000);
    assert.equal(sampler.running, false);
    const span = collector.openSpan();
    clock.advance(7_000);
    assert.equal(sampler.running, true);
    assert.equal(span.close().durationMillis, 7_000);
    clock.advance(1_000);
    assert.equal(sampler.running, false);
    void consumer.remove();
  });
});
