import assert from 'node:assert/strict';
import timers from 'node:timers/promises';
import { systemClock } from '../../src/collector/Clock';
import { recordingEnd, throwIfDisconnected } from '../../src/http/endpoint';
import { DISCONNECTED, SHUTTING_DOWN } from '../../src/http/reply';
import { FakeClock } from '../support/FakeClock';

describe('recordingEnd', () => {
  function setUp() {
    const clock = new FakeClock();
    const controller = new AbortController();
    const { signal } = controller;
    const end = (seconds: number) => recordingEnd(seconds, signal, clock);
    return { clock, controller, signal, end };
  }

  it('waits for the seconds', async () => {
    const { clock, signal, end } = setUp();
    const waiting = end(1);
    clock.advance(1_000);
    assert.deepEqual(await waiting, []);
    throwIfDisconnected(signal);
  });

  it('ends when the signal aborts, says so, and leaves no timer', async () => {
    const { clock, controller, signal, end } = setUp();
    const waiting = end(30);
    clock.advance(4_000);
    controller.abort(SHUTTING_DOWN);
    const comment = 'ended after 4.0 s of 30 s: the server was shutting down';
    assert.deepEqual(await waiting, [comment]);
    assert.equal(clock.pendingTimers, 0);
    assert.equal((await end(1)).length, 1);
    assert.equal(clock.pendingTimers, 0);
    throwIfDisconnected(signal);
  });

  it('tells a client that disconnected from a shutdown', async () => {
    const { controller, signal, end } = setUp();
    const waiting = end(30);
    controller.abort(DISCONNECTED);
    await waiting;
    assert.throws(() => throwIfDisconnected(signal), DISCONNECTED);
  });

  it('does not stop with the fake timers of a user’s test', async () => {
    const { setTimeout: promised } = timers;
    const { setTimeout: plain, performance: clock } = globalThis;
    const fake = (): never => assert.fail('a fake timer was used');
    timers.setTimeout = fake;
    globalThis.setTimeout = fake as unknown as typeof plain;
    const now = clock.now;
    clock.now = fake;
    try {
      const { signal } = new AbortController();
      const ended = recordingEnd(0.001, signal, systemClock);
      const [comments] = await Promise.all([ended, timers.setImmediate()]);
      assert.deepEqual(comments, []);
    } finally {
      timers.setTimeout = promised;
      globalThis.setTimeout = plain;
      clock.now = now;
    }
  });

  it('ends when the signal aborts, by the clock of the system', async () => {
    const controller = new AbortController();
    const waiting = recordingEnd(1e6, controller.signal, systemClock);
    controller.abort(SHUTTING_DOWN);
    assert.equal((await waiting).length, 1);
    assert.equal((await recordingEnd(1e6, controller.signal, systemClock)).length, 1);
  });
});
