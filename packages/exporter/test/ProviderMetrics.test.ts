import assert from 'node:assert/strict';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { ProviderMetrics } from '../src/ProviderMetrics';
import { metricsOn } from '../src/metricsOn';
import { resolveSeriesOptions } from '../src/options';
import { FakeCollector } from './support/FakeCollector';
import { TestReader } from './support/TestReader';
import { windowOf } from './support/windowOf';

const SAMPLES = 'rulescope.rule.cpu.samples{rulescope.rule.id=a}';
const USER = {};
const ended = (): void => undefined;

/** A reader that collects when it is flushed or shut down, as a push exporter does. */
class PushReader extends TestReader {
  readonly exported: Map<string, number>[] = [];

  protected override async onForceFlush(): Promise<void> {
    this.exported.push(await this.values());
  }
  protected override onShutdown(): Promise<void> {
    return this.onForceFlush();
  }
}

describe('ProviderMetrics', () => {
  let collector: FakeCollector;
  let reader: PushReader;
  let provider: MeterProvider;
  let ruleMetrics: ProviderMetrics;
  const last = () => reader.exported.at(-1)?.get(SAMPLES);
  const create = () => metricsOn(provider, resolveSeriesOptions({}), collector.asCollector());

  beforeEach(() => {
    collector = new FakeCollector();
    reader = new PushReader();
    provider = new MeterProvider({ readers: [reader] });
    ruleMetrics = create();
    ruleMetrics.add(USER, ended);
    collector.open.push(windowOf({ rules: { a: 3 } }));
  });

  afterEach(() => provider.shutdown());

  it('exist once for each provider', () => {
    assert.equal(create(), ruleMetrics);
    provider = new MeterProvider({ readers: [new TestReader()] });
    assert.notEqual(create(), ruleMetrics);
  });

  it('are complete in each flush of the provider', async () => {
    await provider.forceFlush();
    assert.equal(last(), 3);
    collector.open.push(windowOf({ rules: { a: 4 } }));
    await provider.forceFlush();
    assert.equal(last(), 7);
  });

  it('are complete in the shutdown of the provider, which ends sampling', async () => {
    await provider.shutdown();
    assert.equal(last(), 3);
    assert.ok(reader.exported[0]!.get('rulescope.rule.cpu.usage{rulescope.rule.id=a}')! > 0);
    assert.deepEqual(collector.names, []);
    assert.equal(ruleMetrics.add(USER, ended), false);
    assert.deepEqual(collector.names, []);
  });

  it('are complete in the first of two calls of shutdown', async () => {
    await Promise.all([provider.shutdown(), provider.shutdown()]);
    assert.deepEqual([reader.exported.length, last()], [1, 3]);
  });

  it('make a collection end a window that is a second old, and no younger one', async () => {
    collector.windowAgeMillis = 999;
    assert.equal((await reader.values()).get(SAMPLES), undefined);
    collector.windowAgeMillis = 1_000;
    // Both readers of a process may collect at the same time.
    const [one, two] = await Promise.all([reader.values(), reader.values()]);
    assert.deepEqual([one.get(SAMPLES), two.get(SAMPLES)], [3, 3]);
    assert.deepEqual(collector.flushes, [200]);
  });

  it('leave the methods of the provider as they were', async () => {
    assert.ok(Object.hasOwn(provider, 'forceFlush'));
    ruleMetrics.remove(USER);
    assert.ok(!Object.hasOwn(provider, 'forceFlush') && !Object.hasOwn(provider, 'shutdown'));
    ruleMetrics.add(USER, ended);
    await provider.shutdown();
    assert.ok(!Object.hasOwn(provider, 'forceFlush') && !Object.hasOwn(provider, 'shutdown'));
  });

  it('work with a provider that cannot be changed, and with one that cannot be flushed', () => {
    provider = new MeterProvider({ readers: [new TestReader()] });
    Object.freeze(provider);
    assert.equal(create().add(USER, ended), true);
    const meter = provider.getMeter('test');
    provider = { getMeter: () => meter } as unknown as MeterProvider;
    assert.equal(create().add(USER, ended), true);
    provider = new MeterProvider({ readers: [new TestReader()] });
  });

  it('count windows that consumers missed from their own start', async () => {
    const DROPPED = 'rulescope.consumer.dropped_windows{rulescope.consumer.name=slow}';
    collector.dropped.set('slow', 5);
    await provider.shutdown();
    assert.equal(reader.exported.at(-1)!.get(DROPPED), 5);
    reader = new PushReader();
    provider = new MeterProvider({ readers: [reader] });
    create().add(USER, ended);
    await provider.forceFlush();
    assert.equal(reader.exported.at(-1)!.get(DROPPED), 0);
    collector.dropped.set('slow', 7);
    await provider.forceFlush();
    assert.equal(reader.exported.at(-1)!.get(DROPPED), 2);
  });

  it('warn once if no reader collects in the first five minutes of sampling', async () => {
    const codes: (string | undefined)[] = [];
    const listen = (warning: NodeJS.ErrnoException): void => void codes.push(warning.code);
    process.on('warning', listen);
    await provider.forceFlush();
    const minute = windowOf({ durationMillis: 60_000, rules: { a: 1 } });
    for (let i = 0; i < 9; i++) collector.deliver(minute);
    const other = new MeterProvider({ readers: [new TestReader()] });
    metricsOn(other, resolveSeriesOptions({}), collector.asCollector()).add({}, ended);
    for (let i = 0; i < 4; i++) collector.deliver(minute);
    collector.deliver(windowOf({ durationMillis: 60_000, threadId: 7 }));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(codes, []);
    for (let i = 0; i < 3; i++) collector.deliver(minute);
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('warning', listen);
    await other.shutdown();
    assert.deepEqual(codes, ['RULESCOPE_NO_READER']);
  });

  it('end when no reader is left, and do not start without one', async () => {
    await reader.shutdown();
    assert.equal(last(), undefined, 'the window is younger than a second');
    assert.equal(collector.names.length, 1);
    collector.deliver(windowOf({ rules: { a: 1 } }));
    assert.deepEqual(collector.names, []);
    provider = new MeterProvider();
    assert.equal(create().add(USER, ended), false);
    assert.deepEqual(collector.names, []);
  });
});
