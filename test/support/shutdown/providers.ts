import { metrics } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation } from 'rulescope';
import { Exports } from './figures';
import {
  CPU,
  type Scenarios,
  USAGE,
  createMetrics,
  exported,
  figures,
  instrumentationsOf,
  job,
  samplingState,
  startSdk,
  until,
  work,
} from './setup';

/** Providers that come late, never, twice or one after another. */
export const providers: Scenarios = {
  /** Each new provider gets figures of its own time, with an instance that was used before. */
  async newSdk() {
    const instrumentations = instrumentationsOf(new RuleInstrumentation(), createMetrics());
    const found = [];
    for (const temporality of ['DELTA', 'CUMULATIVE', 'DELTA'] as const) {
      const to = new Exports(AggregationTemporality[temporality]);
      const sdk = startSdk(to, instrumentations);
      const cpu = job();
      await (metrics.getMeterProvider() as MeterProvider).forceFlush();
      await sdk.shutdown();
      metrics.disable();
      const [total, last] = [to.sum(CPU, 'job'), to.last(CPU)['job']];
      found.push({ cpu, exported: temporality === 'DELTA' ? total : last });
    }
    return found;
  },

  /** No SDK is told of the instrumentations: they find each one by themselves. */
  async nextSdk() {
    registerInstrumentations({
      instrumentations: instrumentationsOf(new RuleInstrumentation(), createMetrics()),
    });
    const found = [];
    for (const temporality of ['CUMULATIVE', 'DELTA', 'CUMULATIVE'] as const) {
      const to = new Exports(AggregationTemporality[temporality]);
      const sdk = startSdk(to, instrumentationsOf());
      await until(() => sharedCollector().running);
      const cpu = job();
      await (metrics.getMeterProvider() as MeterProvider).forceFlush();
      await sdk.shutdown();
      metrics.disable();
      const [total, last] = [to.sum(CPU, 'job'), to.last(CPU)['job']];
      found.push({ cpu, exported: temporality === 'DELTA' ? total : last });
    }
    return { found, after: samplingState() };
  },

  /** Unload and register again, on one provider. */
  async again() {
    const delta = new Exports(AggregationTemporality.DELTA);
    const meterProvider = new MeterProvider({ readers: [exported.reader, delta.reader] });
    const instrumentations = instrumentationsOf(new RuleInstrumentation(), createMetrics());
    let cpu = 0;
    for (let i = 0; i < 2; i++) {
      const unload = registerInstrumentations({ meterProvider, instrumentations });
      cpu += job();
      unload();
      work('off', 0.05);
      await meterProvider.forceFlush();
    }
    return {
      cpu,
      cumulative: exported.last(CPU),
      deltas: delta.sum(CPU, 'job'),
      usage: exported.last(USAGE),
    };
  },

  /** A provider that is registered when the instrumentations have long been. */
  async late() {
    registerInstrumentations({
      instrumentations: instrumentationsOf(new RuleInstrumentation(), createMetrics()),
    });
    const { running } = sharedCollector();
    const provider = new MeterProvider({ readers: [exported.reader] });
    metrics.setGlobalMeterProvider(provider);
    await until(() => sharedCollector().running);
    const cpu = job();
    await provider.shutdown();
    return { before: running, ...figures(cpu) };
  },

  /** No provider at all. The program ends when a minute has passed in `awaitMeterProvider`. */
  async never() {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    registerInstrumentations({
      instrumentations: instrumentationsOf(createMetrics(), createMetrics()),
    });
    const alive = setInterval(() => undefined, 60_000);
    await warned;
    clearInterval(alive);
    return { running: sharedCollector().running };
  },

  /** Two instances on one provider, and a third one on a provider of its own. */
  async twice() {
    const delta = new Exports(AggregationTemporality.DELTA);
    const own = new Exports();
    const meterProvider = new MeterProvider({ readers: [exported.reader, delta.reader] });
    const ownProvider = new MeterProvider({ readers: [own.reader] });
    new RuleInstrumentation();
    createMetrics().setMeterProvider(ownProvider);
    let cpu = 0;
    for (let i = 0; i < 3; i++) {
      const instrumentations = instrumentationsOf(createMetrics());
      if (i < 2) registerInstrumentations({ meterProvider, instrumentations });
      cpu += job();
      await meterProvider.forceFlush();
    }
    await ownProvider.forceFlush();
    return {
      cpu,
      cumulative: exported.last(CPU)['job'],
      deltas: delta.sum(CPU, 'job'),
      own: own.last(CPU)['job'],
    };
  },
};
