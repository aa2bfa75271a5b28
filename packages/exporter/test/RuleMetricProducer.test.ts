import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  type MetricData,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InvalidOptionError, runWithLabels, sharedCollector } from '@rulescope/profiler';
import { CollectorMetrics } from '../src/RuleMetrics';
import { CollectorProducer, RuleMetricProducer } from '../src/RuleMetricProducer';
import { OF_PRODUCER, type RuleMetricsConfig, resolveSeriesOptions } from '../src/options';
import { FakeCollector } from './support/FakeCollector';
import { TestReader } from './support/TestReader';
import { burnCpu } from './support/burnCpu';
import { windowOf } from './support/windowOf';

const { CUMULATIVE, DELTA } = AggregationTemporality;
/** The collector of this thread. Its windows take 10 minutes, so that only a test ends one. */
const shared = sharedCollector({ samplingIntervalMicros: 1_009, windowMillis: 600_000 });

/** Returns the value of each series of `metric` by rule. */
function byRule(metrics: readonly MetricData[], metric: string): Record<string, number> {
  const found = metrics.find(({ descriptor }) => descriptor.name === metric);
  return Object.fromEntries(
    (found?.dataPoints ?? []).map(({ attributes, value }) => [
      String(attributes['rulescope.rule.id']),
      value as number,
    ]),
  );
}

/** Keeps what it exported, also after its shutdown. */
class KeepingExporter extends InMemoryMetricExporter {
  last: readonly MetricData[] = [];

  override export(...[metrics, done]: Parameters<InMemoryMetricExporter['export']>): void {
    this.last = metrics.scopeMetrics[0]!.metrics;
    super.export(metrics, done);
  }
}

function readerOf(
  producer: CollectorProducer,
  exporter: InMemoryMetricExporter,
): PeriodicExportingMetricReader {
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 60_000,
    metricProducers: [producer],
  });
}

describe('RuleMetricProducer', () => {
  let collector: FakeCollector;
  let now: number;
  /** How far the wall clock was set. */
  let jump: number;
  let warnings: number;
  const cleanUps: (() => unknown)[] = [];

  beforeEach(() => {
    collector = new FakeCollector();
    now = 1_700_000_000_000;
    jump = 0;
    warnings = 0;
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    assert.equal(shared.running, false, 'sampling was left on');
  });

  function create(config: RuleMetricsConfig = {}): CollectorProducer {
    const options = resolveSeriesOptions(config, OF_PRODUCER);
    const producer = new CollectorProducer(
      config,
      options,
      collector.asCollector(),
      () => ({ epochMillis: now + jump, monotonicMillis: now }),
      () => void warnings++,
    );
    cleanUps.push(() => producer.shutdown());
    return producer;
  }

  async function metricsOf(producer: CollectorProducer): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await producer.collect();
    assert.deepEqual(errors, []);
    assert.equal(resourceMetrics.scopeMetrics.length, 1);
    return resourceMetrics.scopeMetrics[0]!.metrics;
  }

  function periodic(producer: CollectorProducer, exporter: InMemoryMetricExporter): MeterProvider {
    const provider = new MeterProvider({ readers: [readerOf(producer, exporter)] });
    cleanUps.push(() => provider.shutdown());
    return provider;
  }

  it('throws at construction, as RuleMetrics does, but allows 100,000 series', () => {
    const wrong = (config: RuleMetricsConfig) => () => new RuleMetricProducer(config);
    assert.throws(wrong({ maxActiveSeries: 100_001 }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.match(error.message, /^maxActiveSeries must be an integer from 1 to 100000; got/);
      return true;
    });
    assert.throws(wrong({ more: 1 } as never), InvalidOptionError);
  });

  for (const [name, temporality] of Object.entries({ CUMULATIVE, DELTA })) {
    it(`gives a reader that prefers ${name} the window under way in a flush, with the resource of its provider, in cumulative sums`, async () => {
      const producer = create();
      const exporter = new InMemoryMetricExporter(temporality);
      const provider = periodic(producer, exporter);
      for (const hits of [10, 5]) {
        collector.open.push(windowOf({ rules: { a: hits } }));
        collector.windowAgeMillis = 100;
        now += 1_000;
        await provider.forceFlush();
      }
      const exports = exporter.getMetrics();
      assert.equal(exports.length, 2);
      const sums = exports.map(({ resource, scopeMetrics: [scope] }) => {
        assert.equal(resource.attributes['telemetry.sdk.name'], 'opentelemetry');
        assert.equal(scope?.scope.name, '@rulescope/exporter');
        for (const metric of scope.metrics) assert.equal(metric.aggregationTemporality, CUMULATIVE);
        return byRule(scope.metrics, 'rulescope.rule.cpu.samples')['a'];
      });
      assert.deepEqual(sums, [10, 15]);
    });
  }

  it('leaves a window open that is younger than a tenth of a second, and waits no longer than the reader', async () => {
    const producer = create();
    collector.windowAgeMillis = 99;
    await producer.collect();
    assert.deepEqual(collector.flushes, []);
    let deliver = (): void => undefined;
    collector.held = new Promise((resolve) => (deliver = resolve));
    collector.open.push(windowOf({ rules: { a: 10 } }));
    for (const timeoutMillis of [0, 12.5, 5_000, undefined]) {
      collector.windowAgeMillis = 100;
      await producer.collect(timeoutMillis === undefined ? undefined : { timeoutMillis });
      assert.equal(collector.flushes.pop(), 200);
    }
    assert.deepEqual(byRule(await metricsOf(producer), 'rulescope.rule.cpu.samples'), {});
    deliver();
    assert.deepEqual(byRule(await metricsOf(producer), 'rulescope.rule.cpu.samples'), { a: 10 });
  });

  for (const method of ['forceFlush', 'shutdown'] as const) {
    it(`gives the window under way to two readers whose provider is told to ${method}()`, async () => {
      const producer = create();
      const exporters = [CUMULATIVE, DELTA].map((each) => new KeepingExporter(each));
      const readers = exporters.map((exporter) => readerOf(producer, exporter));
      const provider = new MeterProvider({ readers });
      cleanUps.push(() => provider.shutdown());
      collector.open.push(windowOf({ rules: { a: 10 } }));
      collector.windowAgeMillis = 100;
      await provider[method]();
      for (const { last } of exporters) {
        assert.deepEqual(byRule(last, 'rulescope.rule.cpu.samples'), { a: 10 });
      }
    });

    it(`exports the last window if ${method}() of the producer is under way`, async () => {
      const producer = create();
      const exporter = new KeepingExporter(CUMULATIVE);
      const provider = new MeterProvider({ readers: [readerOf(producer, exporter)] });
      cleanUps.push(() => provider.shutdown());
      collector.open.push(windowOf({ rules: { a: 10 } }));
      collector.windowAgeMillis = 1_000;
      await Promise.all([producer[method](), provider.shutdown()]);
      assert.deepEqual(byRule(exporter.last, 'rulescope.rule.cpu.samples'), { a: 10 });
    });
  }

  it('has the same metrics as the instruments of RuleMetrics, in the same text for Prometheus', async () => {
    const config = { maxActiveSeries: 2, metrics: { functions: false } };
    const producer = create(config);
    const metrics = new CollectorMetrics(config, resolveSeriesOptions(config), () =>
      collector.asCollector(),
    );
    const reader = new TestReader();
    const provider = new MeterProvider({ readers: [reader] });
    metrics.setMeterProvider(provider);
    cleanUps.push(() => provider.shutdown());
    collector.dropped.set('slow', 3);
    collector.deliver(windowOf({ rules: { a: 30, b: 20, 'c"\n': 10 }, gc: 3, quality: 1 }));
    collector.deliver(windowOf({ rules: { a: 30 }, complete: false, pauseSeconds: 0.7 }));
    const resourceMetrics = await reader.resourceMetrics();
    const serializer = new PrometheusSerializer();
    const lines = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .sort();
    const [scope] = resourceMetrics.scopeMetrics;
    const produced = { scope: scope!.scope, metrics: [...(await metricsOf(producer))] };
    assert.deepEqual(
      lines(serializer.serialize({ ...resourceMetrics, scopeMetrics: [produced] })),
      lines(serializer.serialize(resourceMetrics)),
    );
    const kinds = (of: readonly MetricData[]) =>
      of
        .map(({ descriptor, dataPointType, ...rest }) => [
          descriptor.name,
          descriptor.unit,
          descriptor.description,
          descriptor.valueType,
          dataPointType,
          dataPointType === DataPointType.SUM && (rest as { isMonotonic: boolean }).isMonotonic,
        ])
        .sort();
    assert.deepEqual(kinds(produced.metrics), kinds(scope!.metrics));
  });

  it('drops a series that has ended, two minutes after all readers could get its last sums', async () => {
    const producer = create({ retireAfterWindows: 1 });
    const read = async () => {
      const metrics = await metricsOf(producer);
      const usage = byRule(metrics, 'rulescope.rule.cpu.usage');
      const samples = byRule(metrics, 'rulescope.rule.cpu.samples');
      return Object.keys(samples).map((rule) => [rule, samples[rule], +usage[rule]!.toFixed(6)]);
    };
    collector.deliver(windowOf({ rules: { a: 10, b: 5 } }));
    assert.deepEqual(await read(), [['a', 10, 0.1], ['b', 5, 0.05]]); // prettier-ignore
    collector.deliver(windowOf({ rules: { b: 5 } }));
    const ended = [['b', 10, 0.05], ['a', 10, 0]]; // prettier-ignore
    assert.deepEqual(await read(), ended);
    now += 119_999;
    assert.deepEqual(await read(), ended);
    now += 1;
    assert.deepEqual(await read(), ended);
    assert.deepEqual(await read(), [['b', 10, 0.05]]);
    collector.deliver(windowOf({ rules: { a: 1, b: 5 } }));
    assert.deepEqual((await read()).sort(), [['a', 11, 0.01], ['b', 15, 0.05]]); // prettier-ignore
  });

  it('keeps the start of a series that returns, and starts a forgotten one anew', async () => {
    const producer = create({ retireAfterWindows: 1, maxActiveSeries: 1, maxLifetimeSeries: 1 });
    const start = now;
    const startOf = async () => {
      const metrics = await metricsOf(producer);
      const points = metrics.find(({ descriptor }) => descriptor.name.endsWith('rule.cpu.time'));
      return points?.dataPoints.map(({ startTime, endTime }) => {
        assert.equal(endTime[0] * 1_000 + endTime[1] / 1e6, now);
        return startTime[0] * 1_000 + startTime[1] / 1e6 - start;
      });
    };
    const deliver = (rule: string) => collector.deliver(windowOf({ rules: { [rule]: 1 } }));
    now += 1_500;
    deliver('a');
    assert.deepEqual(await startOf(), [0]);
    collector.deliver(windowOf());
    now += 1_000;
    assert.deepEqual(await startOf(), [0]);
    now += 120_000;
    assert.deepEqual(await startOf(), [0]);
    assert.deepEqual(await startOf(), undefined);
    deliver('a');
    assert.deepEqual(await startOf(), [0]);
    collector.deliver(windowOf());
    await startOf();
    now += 120_000;
    await startOf();
    const last = now;
    now += 1_000;
    deliver('b');
    assert.deepEqual(await startOf(), [last - start]);
  });

  it('follows a wall clock that is set: no point ends before it starts, and a series that has ended stays two minutes', async () => {
    const producer = create({ retireAfterWindows: 1 });
    const start = now;
    const timesOf = async () => {
      const metrics = await metricsOf(producer);
      const points = metrics.find(({ descriptor }) => descriptor.name.endsWith('rule.cpu.time'));
      return Object.fromEntries(
        points!.dataPoints.map(({ attributes, startTime, endTime }) => [
          String(attributes['rulescope.rule.id']),
          [startTime, endTime].map(([seconds, nanos]) => seconds * 1_000 + nanos / 1e6 - start),
        ]),
      );
    };
    collector.deliver(windowOf({ rules: { a: 1 } }));
    now += 60_000;
    assert.deepEqual(await timesOf(), { a: [0, 60_000] });
    collector.deliver(windowOf({ rules: { b: 1 } }));
    now += 1_000;
    jump = -500;
    assert.deepEqual(await timesOf(), { a: [0, 60_500], b: [60_000, 60_500] });
    now += 400;
    jump = -999;
    assert.deepEqual(await timesOf(), { a: [0, 60_500], b: [60_000, 60_500] });
    jump = -3_600_999;
    collector.deliver(windowOf({ rules: { b: 1, c: 1 } }));
    now += 60_000;
    const hour = -3_600_000;
    assert.deepEqual(await timesOf(), {
      a: [hour, hour + 120_401],
      b: [hour + 60_000, hour + 120_401],
      c: [hour + 60_500, hour + 120_401],
    });
    jump = 36_000_000;
    collector.deliver(windowOf({ rules: { b: 1, c: 1 } }));
    now += 50_000;
    assert.deepEqual((await timesOf())['a'], [hour, jump + 171_400]);
    now += 10_000;
    await timesOf();
    assert.deepEqual(Object.keys(await timesOf()), ['b', 'c']);
  });

  it('stops sampling at the shutdown, for good, and then shows the last sums and a usage of 0', async () => {
    const producer = create();
    assert.equal(collector.added, 1);
    producer.enable();
    assert.equal(collector.added, 1);
    collector.open.push(windowOf({ rules: { a: 10 } }));
    await Promise.all([producer.shutdown(), producer.shutdown(), producer.forceFlush()]);
    producer.enable();
    assert.deepEqual([collector.added, collector.names], [1, []]);
    const metrics = await metricsOf(producer);
    assert.deepEqual(byRule(metrics, 'rulescope.rule.cpu.samples'), { a: 10 });
    assert.deepEqual(byRule(metrics, 'rulescope.rule.cpu.usage'), { a: 0 });
  });

  it('samples nothing with enabled: false until it is enabled', async () => {
    const producer = create({ enabled: false });
    assert.equal(collector.added, 0);
    await producer.forceFlush();
    assert.deepEqual(byRule(await metricsOf(producer), 'rulescope.rule.cpu.samples'), {});
    producer.enable();
    assert.equal(collector.added, 1);
  });

  it('warns if nobody has collected after five minutes of our own thread', async () => {
    const deliver = (windows: number, threadId: number) => {
      for (let i = 0; i < windows; i++) collector.deliver(windowOf({ threadId }));
    };
    const read = create();
    await read.collect();
    deliver(400, 0);
    assert.equal(warnings, 0);
    await read.shutdown();
    create();
    deliver(400, 1);
    deliver(299, 0);
    assert.equal(warnings, 0);
    deliver(2, 0);
    assert.equal(warnings, 1);
  });

  it('has the metrics of the groups that are on', async () => {
    const producer = create({ metrics: { process: false, profiler: false } });
    collector.deliver(windowOf({ rules: { a: 10 } }));
    const names = (await metricsOf(producer)).map(({ descriptor }) => descriptor.name);
    assert.equal(names.length, 5);
    for (const name of names) assert.match(name, /^rulescope\.rule\.cpu\./);
  });

  it('samples from its construction, without any MeterProvider, until the shutdown', async () => {
    const producer = new RuleMetricProducer();
    assert.equal(shared.running, true);
    await runWithLabels({ rule: 'a' }, async () => {
      await Promise.resolve();
      burnCpu(300);
    });
    const reader = new TestReader(CUMULATIVE, { metricProducers: [producer] });
    const provider = new MeterProvider({ readers: [reader] });
    const samples = (await reader.values()).get('rulescope.rule.cpu.samples{rulescope.rule.id=a}');
    // About 300 are expected. Ten are missing by chance in fewer than 1 of 1,000 runs.
    assert.ok(samples !== undefined && samples > 10, `${samples} samples`);
    await provider.shutdown();
    assert.equal(shared.running, true);
    await producer.shutdown();
    assert.equal(shared.running, false);
  });

  it('is scraped through a PrometheusExporter', async () => {
    const producer = create();
    const exporter = new PrometheusExporter({
      preventServerStart: true,
      metricProducers: [producer],
    });
    const provider = new MeterProvider({ readers: [exporter] });
    cleanUps.push(() => provider.shutdown());
    const server = createServer((request, response) =>
      exporter.getMetricsRequestHandler(request, response),
    );
    cleanUps.push(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    collector.deliver(windowOf({ rules: { a: 10 } }));
    const { port } = server.address() as AddressInfo;
    const text = await (await fetch(`http://127.0.0.1:${port}`)).text();
    assert.match(text, /^rulescope_rule_cpu_samples_total\{rulescope_rule_id="a",[^}]*\} 10$/m);
  });
});
