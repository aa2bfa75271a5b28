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
    awaitMeterProvider(timer.after, (provider) => tried.push(provider) > 0 && provider === good);
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
    const stop = awaitMeterProvider(timer.after, () => true);
    timer.fire(2);
    stop();
    assert.equal(timer.pending, undefined);
  });

  it('warns once for all instances after a minute, and goes on', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const timers = [new FakeTimer(), new FakeTimer()];
    for (const timer of timers) awaitMeterProvider(timer.after, () => true);
    for (const timer of timers) timer.fire(59);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warnings, []);
    for (const timer of timers) timer.fire(100);
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('warning', listen);
    assert.deepEqual(
      warnings.map((warning) => (warning as NodeJS.ErrnoException).code),
      ['RULESCOPE_NO_METER_PROVIDER'],
    );
    assert.ok(timers.every(({ pending }) => pending !== undefined));
  });
});
