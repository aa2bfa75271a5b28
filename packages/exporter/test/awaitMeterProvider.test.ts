import assert from 'node:assert/strict';
import { type MeterProvider, createNoopMeter, metrics } from '@opentelemetry/api';
import { awaitMeterProvider } from '../src/awaitMeterProvider';

const createProvider = (): MeterProvider => ({ getMeter: () => createNoopMeter() });

/** A timer that the test fires. */
class FakeTimer {
  pending: (() => void) | undefined;
  readonly delays: number[] = [];
  readonly after = (millis: number, fn: () => void) => {
    this.delays.push(millis);
    this.pending = fn;
    return () => (this.pending = undefined);
  };

  fire(times = 1): void {
    for (let i = 0; i < times; i++) this.pending?.();
  }
}

describe('awaitMeterProvider', () => {
  afterEach(() => metrics.disable());

  it('tries each provider once and ends with the first that is used', () => {
    const timer = new FakeTimer();
    const [bad, good] = [createProvider(), createProvider()];
    const tried: MeterProvider[] = [];
    const use = (provider: MeterProvider) => tried.push(provider) > 0 && provider === good;
    awaitMeterProvider(timer.after, use);
    timer.fire(2);
    metrics.setGlobalMeterProvider(bad);
    timer.fire(3);
    metrics.disable();
    metrics.setGlobalMeterProvider(good);
    timer.pending?.();
    assert.deepEqual(tried, [bad, good]);
    assert.equal(timer.delays.length, 6);
  });

  it('looks every 20 ms for five seconds, then once a second, and begins again with a new one', () => {
    const timer = new FakeTimer();
    awaitMeterProvider(timer.after, () => false);
    const early = Array<number>(250).fill(20);
    timer.fire(252);
    assert.deepEqual(timer.delays, [...early, 1_000, 1_000, 1_000]);
    metrics.setGlobalMeterProvider(createProvider());
    timer.fire(251);
    assert.deepEqual(timer.delays.slice(253), [...early, 1_000]);
  });

  it('goes on if a provider throws', () => {
    const timer = new FakeTimer();
    const [bad, good] = [createProvider(), createProvider()];
    const used: MeterProvider[] = [];
    awaitMeterProvider(timer.after, (provider) => {
      if (provider === bad) throw new Error('no meter');
      return used.push(provider) > 0;
    });
    metrics.setGlobalMeterProvider(bad);
    timer.fire();
    metrics.disable();
    metrics.setGlobalMeterProvider(good);
    timer.fire();
    assert.deepEqual(used, [good]);
  });

  it('ends on request', () => {
    const timer = new FakeTimer();
    const stop = awaitMeterProvider(timer.after, () => true);
    timer.fire(2);
    stop();
    assert.equal(timer.pending, undefined);
  });

  it('says after a minute that there is none, and goes on', () => {
    const timer = new FakeTimer();
    let missing = 0;
    awaitMeterProvider(
      timer.after,
      () => true,
      () => void missing++,
    );
    const looksInAMinute = 250 + 55;
    timer.fire(looksInAMinute - 1);
    assert.equal(missing, 0);
    timer.fire(100);
    assert.equal(missing, 1);
    assert.ok(timer.pending !== undefined);
  });
});
