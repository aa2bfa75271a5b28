import { type DataPoint, MetricReader } from '@opentelemetry/sdk-metrics';

/** Values of an instrument by one of its attributes. */
export type Values = Record<string, number>;

/** Collects when it is asked to. */
export class ManualReader extends MetricReader {
  /** Returns the values of the instrument `name` by the attribute `attribute`. */
  async values(name: string, attribute: string): Promise<Values> {
    const { resourceMetrics } = await this.collect();
    const values: Values = {};
    for (const { metrics } of resourceMetrics.scopeMetrics) {
      for (const { descriptor, dataPoints } of metrics) {
        if (descriptor.name !== name) continue;
        for (const { attributes, value } of dataPoints as DataPoint<number>[]) {
          values[String(attributes[attribute])] = value;
        }
      }
    }
    return values;
  }

  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}
