import assert from 'node:assert/strict';
import type {
  DeliverWindow,
  SampledWorkers,
  SamplingPlan,
} from '../../src/collector/SampledWorkers';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { LogSpy } from '../support/LogSpy';
import { origin, recording, windowOf } from '../support/builders';
import { settled } from '../support/settled';

/** Workers that answer when the test says so. */
class FakeWorkers implements SampledWorkers {
  readonly threadIds = [3];
  deliver: DeliverWindow = () => undefined;
  readonly plans: (SamplingPlan | undefined)[] = [];
  private readonly waiting: (() => void)[] = [];

  sample(plan: SamplingPlan | undefined, deliver: DeliverWindow): Promise<void> {
    this.plans.push(plan);
    const before = this.deliver;
    return new Promise((resolve) => {
      this.waiting.push(() => {
        before(this.window(`before plan ${this.plans.length}`));
        this.deliver = deliver;
        resolve();
      });
    });
  }

  closeWindows(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(() => {
        this.deliver(this.window('flushed'));
        resolve();
      });
    });
  }

  answer(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private window(program: string): ProfileWindow {
    return { ...windowOf(recording()), origin: { ...origin, threadId: 3, program } };
  }
}

function setUp() {
  const sampler = new FakeSampler();
  const clock = new FakeClock();
  const workers = new FakeWorkers();
  const collector = new ThreadCollector(
    { sampler, labels: new FakeLabels(), clock, origin, workers },
    { windowMillis: 1_000, logger: new LogSpy() },
  );
  const collect = () => {
    const windows: string[] = [];
    const consumer = collector.addConsumer('c', ({ origin: { threadId, program }, sequence }) => {
      windows.push(threadId === 0 ? `main ${sequence}` : program);
    });
    workers.answer();
    return { windows, consumer };
  };
  return { sampler, clock, workers, collector, collect };
}

/** Notes when `promise` fulfills. */
function track(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => (state.done = true));
  return state;
}

describe('a flush', () => {
  it('closes the windows of all threads and waits until the consumers have them', async () => {
    const { workers, collector, collect } = setUp();
    const { windows } = collect();
    const flush = track(collector.forceFlush());
    await settled();
    assert.deepEqual([windows, flush.done], [['main 1'], false]);
    workers.answer();
    await settled();
    assert.deepEqual([windows, flush.done], [['main 1', 'flushed'], true]);
    assert.equal(collector.running, true);
  });

  it('ends when its time is over, without the window of a blocked worker', async () => {
    const { workers, collector, collect } = setUp();
    const { windows } = collect();
    await collector.forceFlush(1);
    // The time may be over before the consumer's turn.
    await settled();
    assert.deepEqual(windows, ['main 1']);
    workers.answer();
    await settled();
    assert.deepEqual(windows, ['main 1', 'flushed']);
  });

  it('of the collector waits for all consumers, and of a consumer only for that one', async () => {
    const { workers, collector, collect } = setUp();
    const slow = collector.addConsumer('slow', () => new Promise(() => undefined));
    const { windows, consumer } = collect();
    const all = track(collector.forceFlush());
    const own = track(consumer.forceFlush());
    workers.answer();
    await settled();
    assert.deepEqual([own.done, all.done], [true, false]);
    assert.ok(windows.includes('flushed'));
    await slow.forceFlush(1);
  });

  it('does not wait for itself inside the call of a consumer', async () => {
    const { workers, collector } = setUp();
    let flushed = 0;
    const consumer = collector.addConsumer('c', async () => {
      if (flushed++ === 0) await collector.forceFlush(600_000);
    });
    workers.answer();
    const flush = consumer.forceFlush();
    await settled();
    assert.ok(flushed >= 2, 'the call waited for itself');
    workers.answer();
    await flush;
  });

  it('does nothing without a consumer, and never rejects', async () => {
    const { sampler, workers, collector, collect } = setUp();
    await new ThreadCollector({
      sampler,
      labels: new FakeLabels(),
      clock: new FakeClock(),
      origin,
    }).forceFlush();
    assert.deepEqual(sampler.calls, []);
    const { windows } = collect();
    sampler.rotateError = new Error('broken');
    const flush = collector.forceFlush();
    workers.answer();
    await flush;
    assert.deepEqual(windows, ['main 1', 'flushed']);
  });

  it('refuses a wrong time', () => {
    const { collector } = setUp();
    assert.throws(() => void collector.forceFlush(-1), {
      message: 'timeoutMillis must be an integer from 0 to 600000; got -1',
    });
  });
});

describe('removing a consumer', () => {
  it('delivers the last windows of workers, and waits for them', async () => {
    const { workers, collector, collect } = setUp();
    const { windows, consumer } = collect();
    const removed = track(consumer.remove());
    assert.deepEqual([workers.plans.at(-1), collector.consumers()], [undefined, []]);
    await settled();
    assert.equal(removed.done, false);
    workers.answer();
    await settled();
    assert.deepEqual([windows, removed.done], [['main 1', 'before plan 2'], true]);
  });

  it('delivers no window of a worker that began after the removal', async () => {
    const { workers, collect } = setUp();
    const { windows, consumer } = collect();
    const stays = collect();
    const removed = consumer.remove();
    workers.answer();
    await removed;
    const flush = stays.consumer.forceFlush();
    workers.answer();
    await flush;
    assert.deepEqual(stays.windows.slice(-2), ['main 3', 'flushed']);
    assert.ok(!windows.includes('flushed') && !windows.includes('main 3'), windows.join());
  });

  it('makes a later flush of this consumer wait for its last windows', async () => {
    const { workers, collect } = setUp();
    const { windows, consumer } = collect();
    void consumer.remove();
    const flush = consumer.forceFlush();
    workers.answer();
    await flush;
    assert.deepEqual(windows, ['main 1', 'before plan 2']);
  });
});

describe('windowAgeMillis', () => {
  it('is the time since the open window began, or undefined', async () => {
    const { clock, workers, collector, collect } = setUp();
    assert.equal(collector.windowAgeMillis, undefined);
    const { consumer } = collect();
    clock.advance(1_400);
    assert.equal(collector.windowAgeMillis, 400);
    const removed = consumer.remove();
    workers.answer();
    await removed;
    assert.equal(collector.windowAgeMillis, undefined);
  });
});
