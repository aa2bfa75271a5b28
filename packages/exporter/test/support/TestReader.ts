import assert from 'node:assert/strict';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

/** Collects when told to. */
export class TestReader extends MetricReader {
  constructor(temporality = AggregationTemporality.CUMULATIVE) {
    super({ aggregationTemporalitySelector: () => temporality });
  }

  /** Everything, as an exporter gets it. */
  async resourceMetrics(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.collect();
    assert.deepEqual(errors, []);
    return resourceMetrics;
  }

  /** The value of each series: `name{attribute=value,...}`, attributes in order of their names. */
  async values(): Promise<Map<string, number>> {
    const values = new Map<string, number>();
    for (const { metrics } of (await this.resourceMetrics()).scopeMetrics) {
      for (const { descriptor, dataPoints } of metrics) {
        for (const { attributes, value } of dataPoints as DataPoint<number | Histogram>[]) {
          const series = seriesName(descriptor.name, attributes);
          assert.ok(!values.has(series), `${series} is there twice`);
          values.set(series, typeof value === 'number' ? value : value.count);
        }
      }
    }
    return values;
  }

  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

function seriesName(name: string, attributes: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${entries.map(([key, value]) => `${key}=${String(value)}`).join(',')}}`;
}
