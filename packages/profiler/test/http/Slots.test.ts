import assert from 'node:assert/strict';
import { Refusal } from '../../src/http/Refusal';
import { Slots } from '../../src/http/Slots';
import { FakeClock } from '../support/FakeClock';

describe('Slots', () => {
  it('refuses what is too many and says when there is room', () => {
    const clock = new FakeClock();
    const slots = new Slots(2, clock);
    const release = slots.take(30);
    clock.advance(5_000);
    slots.take(60);
    clock.advance(500);
    assert.throws(
      () => slots.take(1),
      (thrown) =>
        thrown instanceof Refusal &&
        thrown.status === 429 &&
        thrown.headers['Retry-After'] === '25' &&
        thrown.message.startsWith('2 profiles are being recorded, which is the most at a time'),
    );
    release();
    release();
    slots.take(1);
    assert.throws(() => slots.take(1), /^Refusal: 2 profiles/);
  });

  it('names a second at the least', () => {
    const clock = new FakeClock();
    const slots = new Slots(1, clock);
    slots.take(1);
    clock.advance(5_000);
    assert.throws(() => slots.take(1), { headers: { 'Retry-After': '1' } });
  });
});
