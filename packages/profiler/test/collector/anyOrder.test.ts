import assert from 'node:assert/strict';
import type { Consumer } from '../../src/collector/Consumer';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import type { ProfileSpan } from '../../src/collector/ProfileSpan';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { LogSpy } from '../support/LogSpy';
import { assertClose } from '../support/assertClose';
import { origin } from '../support/builders';
import { createDice } from '../support/createDice';

/** A consumer or span, with CPU times in seconds. */
interface Guest {
  /** CPU used before the guest was added. */
  readonly usedBefore: number;
  /** CPU in the windows that the guest received. */
  received: number;
  readonly consumer?: Consumer;
  readonly span?: ProfileSpan;
}

const MAX_GUESTS = 8;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ThreadCollector under random actions', () => {
  for (let seed = 1; seed <= 5; seed++) {
    it(`loses no CPU and leaves nothing behind in 1,000 additions, removals and failures (seed ${seed})`, async () => {
      const clock = new FakeClock();
      const sampler = new FakeSampler();
      const labels = new FakeLabels();
      const collector = new ThreadCollector(
        { sampler, labels, clock, origin },
        { windowMillis: 1_000, logger: new LogSpy() },
      );
      const dice = createDice(seed);
      const guests: Guest[] = [];
      const pick = (): Guest | undefined => guests[dice(Math.max(1, guests.length))];
      let used = 0;

      const addConsumer = (): void => {
        const throws = dice(3) === 0;
        const guest: { -readonly [K in keyof Guest]: Guest[K] } = { usedBefore: used, received: 0 };
        guest.consumer = collector.addConsumer('guest', (window) => {
          guest.received += window.cpu.processSeconds;
          if (throws) throw new Error('this consumer always throws');
        });
        guests.push(guest);
      };
      const openSpan = (): void => {
        const samplingIntervalMicros = [undefined, 997, 9_973][dice(3)];
        const span = collector.openSpan(samplingIntervalMicros ? { samplingIntervalMicros } : {});
        guests.push({ usedBefore: used, received: 0, span });
      };
      const leave = async (guest = pick()): Promise<void> => {
        if (guest === undefined) return;
        guests.splice(guests.indexOf(guest), 1);
        if (guest.span !== undefined) guest.received += guest.span.close().cpu.processSeconds;
        await guest.consumer?.remove();
        assert.equal(guest.consumer?.dropped ?? 0, 0);
        assertClose(guest.received, used - guest.usedBefore);
      };
      const cut = (): void => {
        const guest = pick();
        if (guest?.span !== undefined) guest.received += guest.span.cut().cpu.processSeconds;
      };
      const fail = (): void => {
        const error = dice(2) === 0 ? new Error('the sampler fails') : undefined;
        const call = (['startError', 'rotateError', 'stopError'] as const)[dice(3)];
        if (call !== undefined) sampler[call] = error;
      };
      let boundaries = 0;
      const live = async (): Promise<void> => {
        const seconds = dice(1_000) / 1_000;
        used += seconds;
        clock.burn(seconds);
        clock.advance(dice(2_500));
        // Each delivery takes one turn. Each action since the last call closed at most one window.
        const turns = guests.length * (boundaries + 3);
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        boundaries = 0;
      };
      const actions = [addConsumer, openSpan, leave, leave, cut, fail, live, live];

      for (let i = 0; i < 1_000; i++) {
        boundaries++;
        if (guests.length > MAX_GUESTS) await leave();
        else await actions[dice(actions.length)]?.();
        assert.equal(collector.running, guests.length > 0);
        assert.equal(clock.pendingTimers, guests.length > 0 ? 1 : 0);
        assert.ok(guests.length > 0 || !sampler.running);
      }
      while (guests.length > 0) await leave(guests[0]);
      assert.equal(sampler.running, false);
      assert.equal(clock.pendingTimers, 0);
      assert.deepEqual(collector.consumers(), []);
    });
  }
});
