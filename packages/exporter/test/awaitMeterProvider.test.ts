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

  it('looks once a second, tries each provider once and ends with the first that is used', () => {
    const timer = new FakeTimer();
    const [bad, good] = [createProvider(), createProvider()];
    const tried: MeterProvider[] = [];
    const use = (provider: MeterProvider) => tried.push(provider) > 0 && provider === good;
    awaitMeterProvider(timer.after, use, () => undefined);
    timer.fire(2);
    metrics.setGlobalMeterProvider(bad);
    timer.fire(3);
    metrics.disable();
    metrics.setGlobalMeterProvider(good);
    timer.pending?.();
    assert.deepEqual(tried, [bad, good]);
    assert.deepEqual(timer.delays, Array(6).fill(1_000));
  });

  it('ends on request', () => {
    const timer = new FakeTimer();
    const stop = awaitMeterProvider(
      timer.after,
      () => true,
      () => undefined,
    );
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
    timer.fire(59);
    assert.equal(missing, 0);
    timer.fire(100);
    assert.equal(missing, 1);
    assert.ok(timer.pending !== undefined);
  });
});
