import assert from 'node:assert/strict';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  MetricReader,
  type MetricReaderOptions,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

/** A metric reader that collects when a test calls it. */
export class TestReader extends MetricReader {
  constructor(temporality = AggregationTemporality.CUMULATIVE, options: MetricReaderOptions = {}) {
    super({ aggregationTemporalitySelector: () => temporality, ...options });
  }

  /** Returns what an exporter gets. */
  async resourceMetrics(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.collect();
    assert.deepEqual(errors, []);
    return resourceMetrics;
  }

  /** Returns the value of each series `name{attribute=value,...}`, attributes sorted by name. */
  async values(): Promise<Map<string, number>> {
    const values = new Map<string, number>();
    for (const { metrics } of (await this.resourceMetrics()).scopeMetrics) {
      for (const { descriptor, dataPoints } of metrics) {
        for (const { attributes, value } of dataPoints as DataPoint<number | Histogram>[]) {
          const series = seriesName(descriptor.name, attributes);
          assert.ok(!values.has(series), `${series} exists twice`);
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
