import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

/** Figures by the first attribute of their series. */
export type Series = Record<string, number>;

/** A push exporter that keeps what it gets. No timer of its own ever makes it export. */
export class Exports {
  private readonly exporter: InMemoryMetricExporter;
  readonly reader: PeriodicExportingMetricReader;

  constructor(temporality = AggregationTemporality.CUMULATIVE) {
    this.exporter = new InMemoryMetricExporter(temporality);
    this.reader = new PeriodicExportingMetricReader({
      exporter: this.exporter,
      exportIntervalMillis: 3_600_000,
    });
  }

  /** Returns the values of `metric` in each export. */
  all(metric: string): Series[] {
    return this.exporter.getMetrics().map(({ scopeMetrics }) => {
      const series: Series = {};
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        if (descriptor.name !== metric) continue;
        for (const { attributes, value } of dataPoints as DataPoint<number>[]) {
          const first = String(Object.values(attributes)[0]);
          series[first] = (series[first] ?? 0) + value;
        }
      }
      return series;
    });
  }

  /** Returns the values of `metric` in the last export. */
  last(metric: string): Series {
    return this.all(metric).at(-1) ?? {};
  }

  /** Returns the sum of the series `key` of `metric` over all exports. */
  sum(metric: string, key: string): number {
    return this.all(metric).reduce((sum, series) => sum + (series[key] ?? 0), 0);
  }
}

/** Returns the CPU that this process has used, seconds. */
export function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Uses `seconds` of CPU in one piece. */
export function burn(seconds: number): void {
  const end = processCpu() + seconds;
  for (let x = 1; processCpu() < end;) for (let i = 0; i < 20_000; i++) x = Math.sqrt(x + i);
}
