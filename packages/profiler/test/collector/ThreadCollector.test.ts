import assert from 'node:assert/strict';
import type { WindowCallback } from '../../src/collector/Consumer';
import type { CollectorOptions } from '../../src/collector/options';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import { InvalidOptionError } from '../../src/base/errors';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { assertClose } from '../support/assertClose';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { origin } from '../support/builders';
import { LogSpy } from '../support/LogSpy';
import { settled } from '../support/settled';

function setUp(options: CollectorOptions = {}) {
  const sampler = new FakeSampler();
  const labels = new FakeLabels();
  const clock = new FakeClock();
  const logger = new LogSpy();
  const collector = new ThreadCollector(
    { sampler, labels, clock, origin },
    { windowMillis: 1_000, logger, ...options },
  );
  /** Adds a consumer that keeps its windows. */
  const collect = (name = 'c') => {
    const windows: ProfileWindow[] = [];
    const consumer = collector.addConsumer(name, (window) => windows.push(window));
    return { windows, consumer };
  };
  return { sampler, labels, clock, logger, collector, collect };
}

/** Asserts that each window begins where the previous one ends, and that no window is missing. */
function assertTiled(windows: readonly ProfileWindow[]): void {
  windows.forEach((window, i) => {
    assert.equal(window.endTime - window.startTime, window.durationMillis);
    if (i > 0) assert.equal(window.startTime, windows[i - 1]?.endTime);
    if (i > 0) assert.equal(window.sequence, (windows[i - 1]?.sequence ?? NaN) + 1);
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}

const durations = (windows: readonly ProfileWindow[]) => windows.map((w) => w.durationMillis);
const cpu = (windows: readonly ProfileWindow[]) => windows.map((w) => w.cpu.processSeconds);

describe('a stream of ThreadCollector', () => {
  it('hands over each window at once, from its opening to its closing', () => {
    const { clock, collector, collect } = setUp();
    const { consumer } = collect();
    clock.advance(300);
    const windows: ProfileWindow[] = [];
    const stream = collector.openStream((window) => windows.push(window));
    clock.advance(2_400);
    assert.deepEqual(durations(windows), [1_000, 1_000]);
    stream.close();
    assert.deepEqual(durations(windows), [1_000, 1_000, 400]);
    assertTiled(windows);
    stream[Symbol.dispose]();
    clock.advance(2_000);
    assert.equal(windows.length, 3);
    void consumer.remove();
  });

  it('starts and stops the sampling, without pauses between windows', () => {
    const { clock, collector, sampler } = setUp({ periodMillis: 10_000 });
    const windows: ProfileWindow[] = [];
    const stream = collector.openStream((window) => windows.push(window));
    clock.advance(5_000);
    assert.equal(sampler.running, true);
    stream.close();
    assert.equal(sampler.running, false);
    assert.equal(sum(durations(windows)), 5_000);
  });

  it('survives an error of its reader', () => {
    const { clock, collector, collect, logger } = setUp();
    collect();
    const stream = collector.openStream(() => {
      throw new Error('reader broke');
    });
    clock.advance(1_000);
    stream.close();
    const [line] = logger.lines;
    assert.equal(line?.message, 'rulescope: the reader of a stream failed');
    assert.equal((line?.details[0] as Error).message, 'reader broke');
    assert.equal(collector.running, true);
  });

  it('refuses a bad callback and bad options', () => {
    const { collector } = setUp();
    assert.throws(() => collector.openStream('x' as never), InvalidOptionError);
    assert.throws(
      () => collector.openStream(() => undefined, { samplingIntervalMicros: 1 }),
      InvalidOptionError,
    );
    assert.equal(collector.running, false);
  });
});

describe('ThreadCollector', () => {
  describe('construction', () => {
    it('starts nothing', () => {
      const { sampler, clock, collector } = setUp();
      assert.deepEqual(sampler.calls, []);
      assert.equal(clock.pendingTimers, 0);
      assert.equal(collector.running, false);
      assert.deepEqual(collector.consumers(), []);
    });

    it('refuses bad options', () => {
      assert.throws(() => setUp({ windowMillis: 1 }), InvalidOptionError);
    });
  });

  describe('start and stop', () => {
    it('samples from the first added consumer until the last is removed', async () => {
      const { sampler, clock, collector, collect } = setUp();
      const first = collect();
      assert.equal(sampler.running, true);
      assert.equal(collector.running, true);
      const second = collect();
      await first.consumer.remove();
      assert.equal(sampler.running, true);
      await second.consumer.remove();
      assert.equal(sampler.running, false);
      assert.equal(collector.running, false);
      assert.equal(clock.pendingTimers, 0);
      assert.equal(sampler.calls.filter((call) => call === 'start').length, 1);
      assert.equal(sampler.calls.filter((call) => call === 'stop').length, 1);
    });

    it('starts again for a later consumer', async () => {
      const { sampler, clock, collect } = setUp();
      await collect().consumer.remove();
      clock.advance(5_000);
      const { windows, consumer } = collect();
      assert.equal(sampler.running, true);
      clock.advance(1_000);
      await consumer.remove();
      assert.deepEqual(durations(windows), [1_000, 0]);
      assert.equal(sampler.running, false);
    });

    it('samples at the configured interval, with a buffer for a stalled event loop', () => {
      const short = setUp({ samplingIntervalMicros: 1_009 });
      short.collect();
      assert.deepEqual(short.sampler.startedWith, {
        samplingIntervalMicros: 1_009,
        bufferMillis: 30_000,
        fair: true,
      });
      const long = setUp({ windowMillis: 60_000 });
      long.collect();
      // Room for four windows, or for one window plus the signals of a line-level profile.
      const buffer = long.sampler.startedWith?.bufferMillis ?? 0;
      assert.ok(buffer >= 240_000, `${buffer}`);
    });

    it('tells the label storage when sampling starts, continues and stops', async () => {
      const { labels, clock, collect } = setUp();
      const { consumer } = collect();
      clock.advance(2_000);
      await consumer.remove();
      assert.deepEqual(labels.events, ['started', 'closed', 'closed', 'stopped']);
    });

    it('has one timer for any number of consumers', () => {
      const { clock, collect } = setUp();
      collect();
      collect();
      collect();
      assert.equal(clock.pendingTimers, 1);
    });
  });

  describe('consumers', () => {
    it('all receive the same window objects', async () => {
      const { clock, collect } = setUp();
      const a = collect('a');
      const b = collect('b');
      clock.advance(3_000);
      await settled();
      // Window 1 ended when b was added.
      assert.deepEqual(
        a.windows.map(({ sequence }) => sequence),
        [1, 2, 3, 4],
      );
      assert.equal(b.windows.length, 3);
      b.windows.forEach((window, i) => assert.equal(window, a.windows[i + 1]));
    });

    const misbehaving: Record<string, WindowCallback> = {
      throws: () => {
        throw new Error('mine');
      },
      rejects: () => Promise.reject(new Error('mine')),
      hangs: () => new Promise(() => undefined),
    };
    for (const [how, callback] of Object.entries(misbehaving)) {
      it(`are not affected by a consumer that ${how}`, async () => {
        const { clock, collector, collect } = setUp();
        const before = collect('before');
        const bad = collector.addConsumer('bad', callback);
        const after = collect('after');
        for (let i = 0; i < 10; i++) {
          clock.advance(1_000);
          await settled();
        }
        assert.equal(before.windows.length, 12);
        assert.equal(after.windows.length, 10);
        assertTiled(before.windows);
        assert.deepEqual([before.consumer.failed, before.consumer.dropped], [0, 0]);
        // A consumer that hangs received the first of its 11 windows; four wait in its queue.
        const expected = how === 'hangs' ? { failed: 0, dropped: 6 } : { failed: 11, dropped: 0 };
        assert.deepEqual({ failed: bad.failed, dropped: bad.dropped }, expected);
        assert.deepEqual(collector.consumers()[1], { name: 'bad', ...expected });
      });
    }

    it('run outside the stack that closes the window', async () => {
      const { clock, collect } = setUp();
      const { windows } = collect();
      clock.advance(1_000);
      assert.equal(windows.length, 0);
      await settled();
      assert.equal(windows.length, 1);
    });

    it('can remove themselves and add others in their own callback', async () => {
      const { clock, collector, collect } = setUp();
      const got: number[] = [];
      let inner: ProfileWindow[] = [];
      const consumer = collector.addConsumer('once', ({ sequence }) => {
        got.push(sequence);
        if (got.length > 1) return;
        void consumer.remove();
        inner = collect('inner').windows;
      });
      clock.advance(1_000);
      await settled();
      clock.advance(1_000);
      await settled();
      // Removing the consumer closed window 2.
      assert.deepEqual(got, [1, 2]);
      assert.deepEqual(durations(inner), [1_000]);
      assert.deepEqual(
        collector.consumers().map(({ name }) => name),
        ['inner'],
      );
    });

    it('can share a name', async () => {
      const { clock, collector, collect } = setUp();
      const one = collect('twin');
      const two = collect('twin');
      await one.consumer.remove();
      clock.advance(1_000);
      await settled();
      assert.deepEqual(durations(two.windows), [0, 1_000]);
      assert.deepEqual(collector.consumers(), [{ name: 'twin', dropped: 0, failed: 0 }]);
    });

    it('need a name and a function', () => {
      const { sampler, collector } = setUp();
      assert.throws(() => collector.addConsumer('', () => undefined), {
        name: 'InvalidOptionError',
        message: 'name must be a non-empty string; got ""',
      });
      assert.throws(() => collector.addConsumer('c', 'f' as never), {
        name: 'InvalidOptionError',
        message: 'callback must be a function; got "f"',
      });
      assert.deepEqual(sampler.calls, []);
    });

    it("and the collector's timers run without the labels of the flow that added them", async () => {
      const { labels, clock, collector } = setUp();
      const seen: unknown[] = [];
      const user = labels.createLabelContext({ rule: 'user' });
      const consumer = labels.run(user, () =>
        collector.addConsumer('c', () => seen.push(labels.currentLabelContext()?.labels)),
      );
      labels.run(user, () => collector.rotate());
      await settled();
      const after = clock.after.bind(clock);
      clock.after = (millis, fn) => {
        seen.push(labels.currentLabelContext()?.labels);
        return after(millis, fn);
      };
      labels.run(user, () => collector.rotate());
      await labels.run(user, () => consumer.remove());
      assert.deepEqual(seen, [undefined, undefined, undefined, undefined]);
    });
  });

  describe('windows', () => {
    it('follow each other without a gap, and their CPU sums to the total', async () => {
      const { clock, collect } = setUp();
      clock.readingMillis = 3;
      const { windows, consumer } = collect();
      for (let i = 1; i <= 5; i++) {
        clock.burn(i / 10);
        clock.advance(1_000);
        await settled();
      }
      await consumer.remove();
      assert.equal(windows.length, 6);
      assertTiled(windows);
      assertClose(sum(cpu(windows)), 1.5);
    });

    it('report how long it took to close them', async () => {
      const { clock, collect } = setUp();
      clock.readingMillis = 3;
      const { windows } = collect();
      clock.advance(1_000);
      await settled();
      assertClose(windows[0]?.pauseSeconds ?? NaN, 0.003);
    });

    it('are frozen', async () => {
      const { clock, collect } = setUp();
      const { windows } = collect();
      clock.advance(1_000);
      await settled();
      assert.ok(Object.isFrozen(windows[0]));
    });

    it('are cut when a consumer is added, so that its first window begins there', async () => {
      const { clock, collect } = setUp();
      const early = collect('early');
      clock.burn(0.3);
      clock.advance(400);
      const late = collect('late');
      clock.burn(0.2);
      clock.advance(1_000);
      await settled();
      assert.deepEqual(durations(early.windows), [400, 1_000]);
      assertTiled(early.windows);
      assert.deepEqual(durations(late.windows), [1_000]);
      assertClose(sum(cpu(early.windows)), 0.5);
      assertClose(sum(cpu(late.windows)), 0.2);
    });

    it('are cut when a consumer is removed, so that its last window ends there', async () => {
      const { clock, collect } = setUp();
      const stays = collect('stays');
      const goes = collect('goes');
      clock.burn(0.3);
      clock.advance(400);
      await goes.consumer.remove();
      clock.burn(0.2);
      clock.advance(1_000);
      await settled();
      assert.deepEqual(durations(goes.windows), [400]);
      assertClose(sum(cpu(goes.windows)), 0.3);
      assert.deepEqual(durations(stays.windows), [0, 400, 1_000]);
      assertTiled(stays.windows);
      assertClose(sum(cpu(stays.windows)), 0.5);
    });

    it('follow each other without a gap when consumers come and go', async () => {
      const { clock, collector, collect } = setUp();
      clock.readingMillis = 1;
      const witness = collect('witness');
      for (let i = 0; i < 30; i++) {
        clock.burn(0.01);
        clock.advance(170);
        const guest = collect('guest');
        clock.advance(90);
        if (i % 3 === 0) collector.rotate();
        clock.advance(40);
        await guest.consumer.remove();
        assertTiled(guest.windows);
        assert.equal(guest.windows.at(-1), witness.windows.at(-1));
      }
      await witness.consumer.remove();
      // 30 guests added, 30 removed, 10 rotations and its own removal. No window had full length.
      assert.equal(witness.windows.length, 71);
      assertTiled(witness.windows);
      assertClose(sum(cpu(witness.windows)), 0.3);
    });

    it('have their full length after a cut', async () => {
      const { clock, collector, collect } = setUp();
      const { windows } = collect();
      clock.advance(900);
      collector.rotate();
      clock.advance(2_500);
      await settled();
      assert.deepEqual(durations(windows), [900, 1_000, 1_000]);
    });

    it('lose no time when a stalled event loop closes them late', async () => {
      const { clock, collect } = setUp();
      const { windows } = collect();
      clock.readingMillis = 700;
      clock.advance(1_000);
      clock.readingMillis = 0;
      await settled();
      assert.equal(windows.length, 1);
      clock.advance(1_000);
      await settled();
      assertTiled(windows);
    });
  });

  describe('rotate', () => {
    it('does nothing without consumers', () => {
      const { sampler, clock, collector } = setUp();
      collector.rotate();
      assert.deepEqual(sampler.calls, []);
      assert.equal(clock.pendingTimers, 0);
    });

    it('closes and delivers the current window', async () => {
      const { clock, collector, collect } = setUp();
      const { windows } = collect();
      clock.advance(250);
      collector.rotate();
      await settled();
      assert.deepEqual(durations(windows), [250]);
    });
  });

  describe('remove', () => {
    it('waits until the consumer has handled its last window', async () => {
      const { clock, collector } = setUp();
      const log: string[] = [];
      const consumer = collector.addConsumer('slow', async ({ sequence }) => {
        await settled();
        log.push(`handled ${sequence}`);
      });
      clock.advance(1_000);
      await consumer.remove();
      log.push('removed');
      assert.deepEqual(log, ['handled 1', 'handled 2', 'removed']);
    });

    it('only waits when called a second time', async () => {
      const { sampler, clock, collect } = setUp();
      const stays = collect('stays');
      const goes = collect('goes');
      const first = goes.consumer.remove();
      const calls = sampler.calls.length;
      await Promise.all([first, goes.consumer.remove()]);
      await goes.consumer.remove();
      assert.equal(sampler.calls.length, calls);
      assert.equal(goes.windows.length, 1);
      clock.advance(1_000);
      await settled();
      assert.equal(stays.windows.length, 3);
      assert.equal(goes.windows.length, 1);
    });

    it('does not stop sampling for a later consumer when called a second time', async () => {
      const { sampler, collect } = setUp();
      const goes = collect('goes');
      await goes.consumer.remove();
      collect('came');
      await goes.consumer.remove();
      assert.equal(sampler.running, true);
    });

    it('fulfills for a consumer that fails', async () => {
      const { collector } = setUp();
      const consumer = collector.addConsumer('bad', () => Promise.reject(new Error('mine')));
      await consumer.remove();
      assert.equal(consumer.failed, 1);
    });
  });

  describe('spans', () => {
    it('return exactly their own time, in one window', () => {
      const { clock, collector, collect } = setUp();
      const { windows } = collect();
      clock.advance(300);
      const span = collector.openSpan();
      clock.burn(0.7);
      clock.advance(4_500);
      const window = span.close();
      assert.equal(window.durationMillis, 4_500);
      assert.equal(window.startTime, FakeClock.EPOCH + 300);
      assertClose(window.cpu.processSeconds, 0.7);
      assertTiled(windows);
    });

    it('are independent of each other', () => {
      const { clock, collector, sampler } = setUp();
      const spans = Array.from({ length: 50 }, (_, index) => {
        if (index > 0) clock.advance(30);
        return collector.openSpan();
      });
      const lengths = spans.map((span) => {
        clock.advance(100);
        return span.close().durationMillis;
      });
      // Each span begins 30 ms after the previous span and ends 100 ms after it.
      assert.deepEqual(
        lengths,
        spans.map((_, index) => (49 - index) * 30 + (index + 1) * 100),
      );
      assert.equal(sampler.running, false);
      assert.equal(clock.pendingTimers, 0);
    });

    it('continue after a cut', () => {
      const { clock, collector } = setUp();
      const span = collector.openSpan();
      clock.advance(400);
      assert.equal(span.cut().durationMillis, 400);
      clock.advance(1_300);
      assert.equal(span.cut().durationMillis, 1_300);
      clock.advance(200);
      assert.equal(span.close().durationMillis, 200);
    });

    it('cost consumers no window when 50 spans open and close in one turn of the event loop', async () => {
      const { clock, collector, collect } = setUp();
      const { windows, consumer } = collect();
      clock.burn(0.3);
      clock.advance(300);
      const spans = Array.from({ length: 50 }, () => collector.openSpan());
      for (const span of spans) span.close();
      await consumer.remove();
      assert.equal(windows.length, 101);
      assert.equal(consumer.dropped, 0);
      assertTiled(windows);
      assertClose(sum(cpu(windows)), 0.3);
    });

    it('return the same window after they are closed', () => {
      const { clock, collector, collect } = setUp();
      collect();
      const span = collector.openSpan();
      clock.advance(400);
      const window = span.close();
      clock.advance(5_000);
      assert.equal(span.close(), window);
      assert.equal(span.cut(), window);
    });

    it('report the error if sampling does not start', () => {
      const { sampler, clock, collector } = setUp();
      sampler.startError = new Error('no');
      const span = collector.openSpan();
      clock.burn(0.2);
      clock.advance(500);
      const { error, cpu: used } = span.close();
      assert.equal(error?.message, sampler.startError.message);
      assertClose(used.processSeconds, 0.2);
      assert.equal(collector.running, false);
    });

    it('open and close while the sampler pauses', () => {
      const { clock, collector, collect } = setUp({ windowMillis: 1_000, periodMillis: 10_000 });
      collect();
      clock.advance(3_000);
      const span = collector.openSpan();
      clock.advance(400);
      assert.equal(span.close().durationMillis, 400);
    });

    it('refuse unknown options and bad values', () => {
      const { sampler, collector } = setUp();
      const bad = { samplingIntervalMicros: 1 };
      assert.throws(() => collector.openSpan(bad), /samplingIntervalMicros must be .* got 1/);
      assert.throws(() => collector.openSpan({ interval: 1 } as object), /interval/);
      assert.throws(() => collector.addConsumer('c', () => undefined, bad), InvalidOptionError);
      assert.equal(sampler.running, false);
    });
  });

  describe('the sampling interval', () => {
    it('is the shortest of all current readers', async () => {
      const { sampler, clock, collector, collect } = setUp({ samplingIntervalMicros: 10_007 });
      const { windows, consumer } = collect();
      clock.advance(100);
      const fine = collector.openSpan({ samplingIntervalMicros: 1_009 });
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
      const coarse = collector.openSpan({ samplingIntervalMicros: 50_021 });
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
      clock.advance(100);
      assert.equal(fine.close().samplingIntervalMicros, 1_009);
      clock.advance(100);
      await settled();
      coarse.close();
      await consumer.remove();
      assert.deepEqual(
        windows.map(({ durationMillis, samplingIntervalMicros }) => [
          durationMillis,
          samplingIntervalMicros,
        ]),
        [
          [100, 10_007],
          [0, 1_009],
          [100, 1_009],
          [100, 1_009],
          [0, 1_009],
        ],
      );
    });

    it('stays for a minute after the last reader that needs it, because a change is expensive', () => {
      const { sampler, clock, collector, collect } = setUp({ samplingIntervalMicros: 10_007 });
      collect();
      const needsIt = () => collector.openSpan({ samplingIntervalMicros: 1_009 }).close();
      needsIt();
      clock.advance(59_000);
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
      needsIt();
      clock.advance(60_000);
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
      clock.advance(1_000);
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 10_007);
    });

    it('is the one of the current readers after a pause or an end of sampling', async () => {
      const { sampler, clock, collector, collect } = setUp({
        windowMillis: 1_000,
        periodMillis: 4_000,
        samplingIntervalMicros: 10_007,
      });
      const { consumer } = collect();
      collector.openSpan({ samplingIntervalMicros: 1_009 }).close();
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 1_009);
      clock.advance(4_000);
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 10_007);
      collector.openSpan({ samplingIntervalMicros: 1_009 }).close();
      await consumer.remove();
      collect('later');
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 10_007);
    });

    it('can be longer than the interval of the collector if there is only one reader', () => {
      const { sampler, collector } = setUp({ samplingIntervalMicros: 10_007 });
      const span = collector.openSpan({ samplingIntervalMicros: 50_021 });
      assert.equal(sampler.startedWith?.samplingIntervalMicros, 50_021);
      span.close();
    });

    it('changes without stopping the sampler', () => {
      const { sampler, collector, collect } = setUp();
      collect();
      collector.openSpan({ samplingIntervalMicros: 1_009 }).close();
      assert.deepEqual(sampler.calls, ['start', 'rotate', 'rotate']);
    });
  });

  it('ends for all readers when the sampler is retired, and closes no more windows', async () => {
    const { sampler, clock, collector, collect } = setUp();
    const { windows } = collect();
    const span = collector.openSpan();
    clock.advance(400);
    collector.end();
    await settled();
    assert.deepEqual(durations(windows), [0, 400]);
    assert.equal(span.close().durationMillis, 400);
    assert.equal(collector.running, false);
    assert.equal(clock.pendingTimers, 0);
    sampler.retired = true;
    sampler.startError = new Error('retired');
    collect('later');
    assert.equal(clock.pendingTimers, 0);
  });

  describe('when sampling does not start', () => {
    it('delivers windows with the error and the CPU of the process', async () => {
      const { sampler, labels, clock, logger, collect } = setUp();
      sampler.startError = new Error('no sampler');
      const { windows } = collect();
      clock.burn(0.6);
      clock.advance(1_000);
      await settled();
      assert.equal(windows[0]?.error?.message, sampler.startError.message);
      assertClose(windows[0]?.cpu.processSeconds ?? NaN, 0.6);
      assert.equal(windows[0]?.durationMillis, 1_000);
      assert.deepEqual(labels.events, []);
      assert.deepEqual(
        logger.lines.map(({ level, details }) => [level, details[0]]),
        [['error', sampler.startError]],
      );
    });

    it('tries again for each window until it succeeds', async () => {
      const { sampler, clock, collect } = setUp();
      sampler.startError = new Error('no sampler');
      const { windows } = collect();
      clock.advance(2_500);
      sampler.startError = undefined;
      clock.burn(0.1);
      clock.advance(1_500);
      await settled();
      assert.deepEqual(
        windows.map(({ error }) => error?.message),
        ['no sampler', 'no sampler', 'no sampler', undefined],
      );
      assertTiled(windows);
      assertClose(sum(cpu(windows)), 0.1);
    });

    it('does not stop the sampler when its consumer is removed', async () => {
      const { sampler, clock, collector, collect } = setUp();
      sampler.startError = new Error('no sampler');
      const { windows, consumer } = collect();
      await consumer.remove();
      assert.deepEqual(sampler.calls, ['start']);
      assert.equal(collector.running, false);
      assert.equal(clock.pendingTimers, 0);
      assert.equal(windows.length, 1);
    });

    it('converts a thrown string to an Error', async () => {
      const { sampler, collect } = setUp();
      sampler.startError = 'just a string' as never;
      const { windows, consumer } = collect();
      await consumer.remove();
      assert.equal(windows[0]?.error?.message, 'just a string');
    });
  });

  describe('when sampling keeps failing to start', () => {
    it('logs it once, and again if it fails after a successful start', () => {
      const { sampler, clock, logger, collect } = setUp();
      sampler.startError = new Error('no');
      collect();
      clock.advance(5_000);
      const reports = () =>
        logger.lines.filter(({ message }) => /does not start/.test(message)).length;
      assert.equal(reports(), 1);
      sampler.startError = undefined;
      clock.advance(1_000);
      sampler.running = false;
      sampler.startError = new Error('no');
      clock.advance(3_000);
      assert.equal(reports(), 2);
    });
  });

  describe('when a window cannot be closed', () => {
    it('delivers a failed window with its CPU, and continues', async () => {
      const { sampler, clock, logger, collect } = setUp();
      const { windows } = collect();
      sampler.rotateError = new Error('stuck');
      clock.burn(0.4);
      clock.advance(1_000);
      sampler.rotateError = undefined;
      clock.burn(0.2);
      clock.advance(1_000);
      await settled();
      assert.equal(windows[0]?.error?.message, 'stuck');
      assert.equal(windows[1]?.error, undefined);
      assertTiled(windows);
      assertClose(windows[0].cpu.processSeconds, 0.4);
      assertClose(sum(cpu(windows)), 0.6);
      assert.equal(logger.lines.length, 1);
    });

    it('delivers a failed last window too, and stops', async () => {
      const { sampler, clock, collector, collect } = setUp();
      const { windows, consumer } = collect();
      sampler.stopError = new Error('stuck');
      await consumer.remove();
      assert.equal(windows[0]?.error?.message, 'stuck');
      assert.equal(collector.running, false);
      assert.equal(clock.pendingTimers, 0);
    });

    it('restarts a sampler that stopped on its own', async () => {
      const { sampler, clock, collect } = setUp();
      const { windows } = collect();
      sampler.running = false;
      sampler.stopError = new Error('not running');
      clock.advance(1_000);
      assert.equal(sampler.running, true);
      clock.advance(1_000);
      await settled();
      assert.deepEqual(
        windows.map(({ error }) => error?.message),
        ['not running', undefined],
      );
      assertTiled(windows);
    });
  });

  describe('with a period longer than the window', () => {
    const pausing = { windowMillis: 1_000, periodMillis: 4_000 };

    it('pauses between windows', async () => {
      const { sampler, clock, collector, collect } = setUp(pausing);
      const { windows } = collect();
      clock.advance(1_000);
      assert.equal(sampler.running, false);
      assert.equal(collector.running, false);
      clock.burn(5);
      clock.advance(2_999);
      assert.equal(sampler.running, false);
      clock.advance(1);
      assert.equal(sampler.running, true);
      clock.burn(0.1);
      clock.advance(1_000);
      await settled();
      assert.deepEqual(
        windows.map(({ startTime, endTime }) => [
          startTime - FakeClock.EPOCH,
          endTime - FakeClock.EPOCH,
        ]),
        [
          [0, 1_000],
          [4_000, 5_000],
        ],
      );
      assertClose(windows[1]?.cpu.processSeconds ?? NaN, 0.1);
    });

    it('ends the pause when a consumer is added', async () => {
      const { sampler, clock, collect } = setUp(pausing);
      const first = collect('first');
      clock.advance(2_000);
      const second = collect('second');
      assert.equal(sampler.running, true);
      assert.equal(clock.pendingTimers, 1);
      clock.advance(1_000);
      await settled();
      assert.deepEqual(durations(first.windows), [1_000, 1_000]);
      assert.deepEqual(durations(second.windows), [1_000]);
    });

    it('keeps pausing when one of several consumers is removed', async () => {
      const { sampler, clock, collect } = setUp(pausing);
      const stays = collect('stays');
      const goes = collect('goes');
      clock.advance(2_000);
      await goes.consumer.remove();
      assert.equal(sampler.running, false);
      assert.equal(goes.windows.length, 1);
      clock.advance(3_000);
      await settled();
      assert.deepEqual(durations(stays.windows), [0, 1_000, 1_000]);
    });

    it('stops when the last consumer is removed during a pause', async () => {
      const { sampler, clock, collect } = setUp(pausing);
      const { consumer } = collect();
      clock.advance(2_000);
      await consumer.remove();
      assert.equal(clock.pendingTimers, 0);
      assert.deepEqual(sampler.calls, ['start', 'stop']);
    });

    it('does not end the pause on rotate()', () => {
      const { sampler, clock, collector, collect } = setUp(pausing);
      collect();
      clock.advance(2_000);
      collector.rotate();
      assert.equal(sampler.running, false);
      assert.equal(clock.pendingTimers, 1);
    });
  });
});
