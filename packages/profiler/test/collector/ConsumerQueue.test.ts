import assert from 'node:assert/strict';
import type { Delivery, WindowCallback } from '../../src/collector/Consumer';
import { ConsumerQueue, Turns } from '../../src/collector/ConsumerQueue';
import { type Logger, safeLogger, silentLogger } from '../../src/base/logger';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { FakeLabels } from '../support/FakeLabels';
import { recording, windowOf } from '../support/builders';
import { LogSpy } from '../support/LogSpy';
import { settled } from '../support/settled';

/** Returns windows with the sequence numbers `from` to `to`, each `millis` long. */
function windows(from: number, to: number, millis = 1_000): ProfileWindow[] {
  const template = windowOf(recording());
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    ...template,
    sequence: from + i,
    endMonotonicMillis: (from + i) * millis,
  }));
}

/** A consumer that stays busy with a window until `finishWindow()` is called. */
class SlowConsumer {
  readonly got: number[] = [];
  readonly missed: number[] = [];
  private goOn: (() => void) | undefined;

  readonly callback = (window: ProfileWindow, delivery: Delivery): Promise<void> => {
    this.got.push(window.sequence);
    this.missed.push(delivery.missed);
    return new Promise((resolve) => (this.goOn = resolve));
  };

  async finishWindow(): Promise<void> {
    this.goOn?.();
    await settled();
  }
}

function queueOf(callback: WindowCallback, logger: Logger = silentLogger): ConsumerQueue {
  return new ConsumerQueue('the "one"', callback, logger, new FakeLabels(), new Turns(), 4_000);
}

describe('ConsumerQueue', () => {
  it('continues when the consumer and the logger throw', async () => {
    const broken = {
      ...silentLogger,
      error: () => {
        throw new Error('the logger');
      },
    };
    const queue = queueOf(() => {
      throw new Error('the consumer');
    }, safeLogger(broken));
    for (const window of windows(1, 2)) queue.offer(window);
    await queue.drained();
    assert.equal(queue.failed, 2);
  });

  it('calls the consumer only after offer() has returned', async () => {
    const got: number[] = [];
    const queue = queueOf(({ sequence }) => got.push(sequence));
    for (const window of windows(1, 1)) queue.offer(window);
    assert.deepEqual(got, []);
    await queue.drained();
    assert.deepEqual(got, [1]);
  });

  it('does not deadlock when a callback waits for drained() under other labels', async () => {
    const labels = new FakeLabels();
    let drained = false;
    const queue: ConsumerQueue = new ConsumerQueue(
      'c',
      () =>
        labels.run(labels.createLabelContext({ any: 'label' }), async () => {
          await Promise.resolve();
          await queue.drained();
          drained = true;
        }),
      silentLogger,
      labels,
      new Turns(),
      60_000,
    );
    for (const window of windows(1, 1)) queue.offer(window);
    await queue.drained();
    assert.equal(drained, true);
  });

  it('delivers in order, one call at a time', async () => {
    const log: string[] = [];
    const callback = async ({ sequence }: ProfileWindow) => {
      log.push(`begin ${sequence}`);
      await settled();
      log.push(`end ${sequence}`);
    };
    const queue = queueOf(callback);
    for (const window of windows(1, 3)) queue.offer(window);
    await queue.drained();
    const expected = ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'];
    assert.deepEqual(log, expected);
  });

  it('keeps four seconds of windows for a busy consumer and drops older ones', async () => {
    const slow = new SlowConsumer();
    const queue = queueOf(slow.callback);
    for (const window of windows(1, 1)) queue.offer(window);
    await settled();
    for (const window of windows(2, 5)) queue.offer(window);
    assert.equal(queue.dropped, 0);
    for (const window of windows(6, 8)) queue.offer(window);
    assert.equal(queue.dropped, 3);
    for (let i = 0; i < 5; i++) await slow.finishWindow();
    assert.deepEqual(slow.got, [1, 5, 6, 7, 8]);
  });

  for (const jump of [3_600_000, -3_600_000]) {
    it(`keeps and drops the same windows when the wall clock is set by ${jump} ms`, async () => {
      const slow = new SlowConsumer();
      const queue = queueOf(slow.callback);
      for (const window of windows(1, 1)) queue.offer(window);
      await settled();
      for (const window of windows(2, 8)) {
        const { sequence, endTime } = window;
        queue.offer({ ...window, endTime: sequence < 6 ? endTime : endTime + jump });
        assert.equal(queue.dropped, Math.max(0, sequence - 5));
      }
    });
  }

  it('keeps hundreds of windows of zero length', async () => {
    const slow = new SlowConsumer();
    const queue = queueOf(slow.callback);
    for (const window of windows(1, 200, 0)) queue.offer(window);
    await settled();
    for (const window of windows(201, 400, 0)) queue.offer(window);
    for (let i = 0; i < 400; i++) await slow.finishWindow();
    assert.equal(slow.got.length, 400);
    assert.equal(queue.dropped, 0);
  });

  it('keeps at most 1,024 windows, even of zero length', async () => {
    const slow = new SlowConsumer();
    const queue = queueOf(slow.callback);
    for (const window of windows(1, 1_500, 0)) queue.offer(window);
    await settled();
    assert.equal(queue.dropped, 1_500 - 1_024);
    assert.deepEqual(slow.got, [477]);
  });

  it('reports the number of missed windows once, with the next delivery', async () => {
    const slow = new SlowConsumer();
    const queue = queueOf(slow.callback);
    for (const window of windows(1, 1)) queue.offer(window);
    await settled();
    for (const window of windows(2, 8)) queue.offer(window);
    for (let i = 0; i < 5; i++) await slow.finishWindow();
    assert.deepEqual(slow.missed, [0, 3, 0, 0, 0]);
    for (const window of windows(9, 14)) queue.offer(window);
    for (let i = 0; i < 5; i++) await slow.finishWindow();
    // The consumer was idle, so the first of these six windows had to wait in the queue too.
    assert.deepEqual(slow.missed, [0, 3, 0, 0, 0, 2, 0, 0, 0]);
    assert.equal(queue.dropped, 5);
  });

  it('continues, counts the failure and logs it when the consumer throws', async () => {
    const logger = new LogSpy();
    const got: number[] = [];
    const callback = ({ sequence }: ProfileWindow) => {
      got.push(sequence);
      if (sequence === 2) throw new RangeError('bad window');
    };
    const queue = queueOf(callback, logger);
    for (const window of windows(1, 3)) queue.offer(window);
    await queue.drained();
    assert.deepEqual(got, [1, 2, 3]);
    assert.equal(queue.failed, 1);
    assert.equal(logger.lines.length, 1);
    assert.equal(logger.lines[0]?.level, 'error');
    assert.match(logger.lines[0]?.message ?? '', /consumer "the \\"one\\"" failed/);
    assert.ok(logger.lines[0]?.details[0] instanceof RangeError);
  });

  for (const [what, reason] of [
    ['an Error', new Error('x')],
    ['a string', 'x'],
    ['undefined', undefined],
    ['a symbol', Symbol('x')],
    ['an object without a string form', Object.create(null)],
  ] as const) {
    it(`continues when the consumer rejects with ${what}`, async () => {
      const logger = new LogSpy();
      const got: number[] = [];
      const callback = ({ sequence }: ProfileWindow) => {
        got.push(sequence);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- tested here
        return Promise.reject(reason);
      };
      const queue = queueOf(callback, logger);
      for (const window of windows(1, 2)) queue.offer(window);
      await queue.drained();
      assert.deepEqual(got, [1, 2]);
      assert.equal(queue.failed, 2);
      assert.ok(logger.lines.every(({ details }) => details[0] instanceof Error));
    });
  }

  it('delivers again after the queue was empty', async () => {
    const got: number[] = [];
    const queue = queueOf(({ sequence }) => got.push(sequence));
    for (const window of windows(1, 3)) {
      queue.offer(window);
      await queue.drained();
    }
    assert.deepEqual(got, [1, 2, 3]);
  });

  it('delivers what was offered before its end, and nothing later', async () => {
    const got: number[] = [];
    const queue = queueOf(({ sequence }) => got.push(sequence));
    const [first, second, third] = windows(1, 3);
    queue.offer(first!);
    let offerLast = (): void => undefined;
    const last = new Promise<void>((resolve) => {
      offerLast = () => {
        queue.offer(second!);
        queue.end();
        queue.offer(third!);
        resolve();
      };
    });
    const drained = queue.drained(last);
    await settled();
    assert.deepEqual(got, [1]);
    offerLast();
    await drained;
    assert.deepEqual([got, queue.dropped], [[1, 2], 0]);
  });

  it('is drained at once if no window was offered', async () => {
    const queue = queueOf(() => assert.fail('called'));
    await queue.drained();
    assert.equal(queue.failed, 0);
  });

  it('gives the consumer a frozen delivery', async () => {
    const deliveries: Delivery[] = [];
    const queue = queueOf((_, delivery) => deliveries.push(delivery));
    for (const window of windows(1, 1)) queue.offer(window);
    await queue.drained();
    assert.equal(deliveries.length, 1);
    assert.ok(Object.isFrozen(deliveries[0]));
  });

  it('lets a task that outlives its callback wait for drained()', async () => {
    const got: number[] = [];
    let goOn: (() => void) | undefined;
    const left: Promise<void>[] = [];
    const queue = queueOf(({ sequence }) => {
      got.push(sequence);
      if (sequence > 1) return;
      const leave = async () => {
        await new Promise<void>((resolve) => (goOn = resolve));
        for (const window of windows(2, 2)) queue.offer(window);
        await queue.drained();
        got.push(-1);
      };
      left.push(leave());
    });
    for (const window of windows(1, 1)) queue.offer(window);
    await queue.drained();
    goOn?.();
    await Promise.all(left);
    assert.deepEqual(got, [1, 2, -1]);
  });

  it('does not deadlock when a callback waits for drained()', async () => {
    const got: string[] = [];
    const queue = queueOf(async ({ sequence }) => {
      got.push(`${sequence} begins`);
      await Promise.resolve();
      await queue.drained();
      got.push(`${sequence} ends`);
    });
    for (const window of windows(1, 2)) queue.offer(window);
    await queue.drained();
    assert.deepEqual(got, ['1 begins', '1 ends', '2 begins', '2 ends']);
  });
});

describe('Turns', () => {
  it('gives each caller its own turn of the event loop, in order', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const mine = ['a', 'b', 'c'].map((name) => turns.next().then(() => log.push(name)));
    /** Marks the end of each turn: an immediate runs once per turn. */
    const tick = (): void => {
      log.push('|');
      if (log.length < 7) setImmediate(tick);
    };
    // This immediate runs after the immediate of the first call.
    await Promise.resolve();
    setImmediate(tick);
    await Promise.all(mine);
    assert.equal(log.join(''), 'a|b|c');
  });

  it('gives a later caller the next turn', async () => {
    const turns = new Turns();
    await turns.next();
    let called = false;
    const next = turns.next().then(() => (called = true));
    await Promise.resolve();
    assert.equal(called, false);
    await next;
  });
});
