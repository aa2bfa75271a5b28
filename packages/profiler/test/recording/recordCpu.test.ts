import assert from 'node:assert/strict';
import { SamplerUnavailableError } from '../../src/base/errors';
import { allAtOnce } from '../../src/base/steps';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { recordCpu } from '../../src/recording/recordCpu';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { origin, recording, rootOf } from '../support/builders';
import { comments, plain } from '../support/pprof';

function setUp() {
  const sampler = new FakeSampler();
  const clock = new FakeClock();
  const parts = { sampler, labels: new FakeLabels(), clock, origin: { ...origin, threadId: 3 } };
  const collector = new ThreadCollector(parts, { windowMillis: 1_000 });
  const root = rootOf({ leaf: 'f', labels: { rule: 'a' }, cpuMicros: 10_000 });
  const sampled = () => {
    clock.burn(0.01);
    return recording({ root, samplesTaken: 1 });
  };
  sampler.rotate = sampled;
  const stop = sampler.stop.bind(sampler);
  sampler.stop = () => {
    stop();
    return sampled();
  };
  return { sampler, clock, collector };
}

describe('recordCpu', () => {
  it('sums all windows until it is stopped, at the rate asked for', async () => {
    const { sampler, clock, collector } = setUp();
    const recorded = recordCpu(collector, { samplingIntervalMicros: 1_009 });
    assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
    clock.advance(1_000);
    // The first window is under way when the recording ends.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_500);
    const steps = recorded.stop(['the end']);
    assert.equal(sampler.running, false);
    clock.advance(5_000);
    const profile = allAtOnce(steps);
    assert.equal(Number(profile.durationNanos), 2.5e9);
    const [{ stack, labels, values } = assert.fail()] = plain(profile);
    assert.deepEqual([stack, labels, values[0]], [['f'], { rule: 'a', thread: 'worker-3' }, 3]);
    assert.equal(comments(profile).at(-1), 'the end');
  });

  it('throws at once if the sampler does not start, and leaves no reader behind', () => {
    const { sampler, collector } = setUp();
    sampler.startError = new Error('somebody else does');
    assert.throws(
      () => recordCpu(collector, {}),
      (thrown) =>
        thrown instanceof SamplerUnavailableError && thrown.message === 'somebody else does',
    );
    assert.equal(collector.running, false);
  });

  it('throws in its steps if the sampler has failed', () => {
    const { sampler, collector } = setUp();
    const recorded = recordCpu(collector, {});
    sampler.stop = () => {
      throw new Error('broke');
    };
    assert.throws(() => allAtOnce(recorded.stop()), { name: SamplerUnavailableError.name });
  });

  it('stops sampling when it is discarded', () => {
    const { sampler, collector } = setUp();
    recordCpu(collector, {}).discard();
    assert.equal(sampler.running, false);
  });
});
