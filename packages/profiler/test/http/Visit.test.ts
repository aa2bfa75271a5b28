import assert from 'node:assert/strict';
import { Visit } from '../../src/http/Visit';
import { FakeClock } from '../support/FakeClock';

function setUp() {
  const clock = new FakeClock();
  return { clock, visit: new Visit(clock) };
}

describe('Visit', () => {
  it('waits for a time', async () => {
    const { clock, visit } = setUp();
    const waiting = visit.wait(1_000);
    clock.advance(1_000);
    assert.equal(await waiting, 'elapsed');
  });

  it('stops waiting when it ends early, and leaves no timer', async () => {
    const { clock, visit } = setUp();
    const waiting = visit.wait(1_000);
    visit.end('closing');
    assert.equal(await waiting, 'closing');
    assert.equal(clock.pendingTimers, 0);
    assert.equal(await visit.wait(1_000), 'closing');
    assert.equal(clock.pendingTimers, 0);
  });

  it('is gone when the client goes, also while it closes', () => {
    const { visit } = setUp();
    visit.end('closing');
    visit.end('gone');
    visit.end('closing');
    assert.equal(visit.early, 'gone');
  });

  it('gives a promise up when it ends early', async () => {
    const { visit } = setUp();
    assert.equal(await visit.orEarlyEnd(Promise.resolve(7)), 7);
    await assert.rejects(visit.orEarlyEnd(Promise.reject(new Error('x'))), /x/);
    const pending = visit.orEarlyEnd(new Promise(() => undefined));
    visit.end('closing');
    assert.equal(await pending, 'closing');
    assert.equal(await visit.orEarlyEnd(new Promise(() => undefined)), 'closing');
  });
});
