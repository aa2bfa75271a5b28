import assert from 'node:assert/strict';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
  createAllowListAttributesProcessor,
} from '@opentelemetry/sdk-metrics';
import { CollectorMetrics } from '../src/RuleMetrics';
import { CollectorProducer } from '../src/RuleMetricProducer';
import { OF_PRODUCER, resolveSeriesOptions } from '../src/options';
import { METRIC_RULE_CPU_SAMPLES } from '../src/semconv';
import { FakeCollector } from './support/FakeCollector';
import { Random } from './support/Random';
import { TestReader } from './support/TestReader';
import { windowOf } from './support/windowOf';

const CONFIG = { maxActiveSeries: 3, maxLifetimeSeries: 9, retireAfterWindows: 2 };

describe('readers of one MeterProvider', () => {
  let collector: FakeCollector;
  let provider: MeterProvider;

  function setUp(readers: ConstructorParameters<typeof MeterProvider>[0]): void {
    collector = new FakeCollector();
    provider = new MeterProvider(readers);
    const options = resolveSeriesOptions(CONFIG);
    new CollectorMetrics(CONFIG, options, () => collector.asCollector()).setMeterProvider(provider);
  }

  afterEach(() => provider.shutdown());

  it('see the same totals: Prometheus, a push exporter with deltas, and a test reader', async () => {
    const prometheus = new PrometheusExporter({ preventServerStart: true });
    const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
    const push = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000 });
    const reader = new TestReader();
    setUp({ readers: [prometheus, push, reader] });
    const serializer = new PrometheusSerializer();
    let text = '';
    const collections = [
      async () => {
        const { resourceMetrics } = await prometheus.collect();
        text = serializer.serialize(resourceMetrics);
      },
      () => push.forceFlush(),
      () => reader.values(),
    ];
    const random = new Random(14);
    let hits = 0;
    for (let i = 0; i < 300; i++) {
      const rules = { [`r${random.below(20)}`]: 1 + random.below(200), [`s${random.below(3)}`]: 5 };
      hits += Object.values(rules).reduce((sum, count) => sum + count, 0);
      collector.deliver(windowOf({ rules }));
      if (random.below(3) === 0) await collections[random.below(3)]!();
    }
    for (const collect of collections) await collect();

    const inText = new Map<string, number>();
    for (const [, id, other, value] of text.matchAll(
      /^rulescope_rule_cpu_samples_total\{rulescope_rule_id="(\w+)"(,rulescope_rule_other="true")?,[^}]*\} (\d+)$/gm,
    ))
      // prettier-ignore
      inText.set(`${id}${other === undefined ? '' : ' (bucket)'}`, Number(value));
    const pushed = new Map<string, number>();
    for (const { scopeMetrics } of exporter.getMetrics()) {
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        if (descriptor.name !== METRIC_RULE_CPU_SAMPLES) continue;
        for (const { attributes, value } of dataPoints as DataPoint<number>[]) {
          const bucket = attributes['rulescope.rule.other'] === true ? ' (bucket)' : '';
          const id = `${String(attributes['rulescope.rule.id'])}${bucket}`;
          pushed.set(id, (pushed.get(id) ?? 0) + value);
        }
      }
    }
    const read = [...(await reader.values())].flatMap(([series, value]) =>
      series.startsWith(METRIC_RULE_CPU_SAMPLES) ? [value] : [],
    );
    const sum = (values: Iterable<number>) =>
      [...values].reduce((total, value) => total + value, 0);
    assert.equal(sum(inText.values()), hits);
    assert.equal(sum(read), hits);
    assert.deepEqual(new Map([...pushed].sort()), new Map([...inText].sort()));
  });

  describe('with a View that drops the rule', () => {
    const views: ViewOptions[] = [
      {
        instrumentName: 'rulescope.rule.*',
        attributesProcessors: [createAllowListAttributesProcessor([])],
      },
    ];
    const rules = { a: 40, b: 20 };
    const total = async (reader: TestReader) =>
      [...(await reader.values())].find(([series]) => series.startsWith(METRIC_RULE_CPU_SAMPLES));

    it('the SDK keeps one value of many, as the README says', async () => {
      const reader = new TestReader();
      setUp({ readers: [reader], views });
      collector.deliver(windowOf({ rules }));
      assert.notEqual((await total(reader))?.[1], 60);
    });

    it('a producer has all rules, because Views do not apply to it', async () => {
      const options = resolveSeriesOptions(CONFIG, OF_PRODUCER);
      const own = new FakeCollector();
      const producer = new CollectorProducer(CONFIG, options, own.asCollector());
      const reader = new TestReader(undefined, { metricProducers: [producer] });
      provider = new MeterProvider({ readers: [reader], views });
      own.deliver(windowOf({ rules }));
      const values = await reader.values();
      for (const [id, hits] of Object.entries(rules)) {
        assert.equal(values.get(`${METRIC_RULE_CPU_SAMPLES}{rulescope.rule.id=${id}}`), hits);
      }
    });
  });
});
