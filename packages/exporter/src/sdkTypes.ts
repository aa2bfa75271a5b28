/**
 * The SDK's types for a `MetricProducer`. The only file that names an SDK package: types leave no
 * import in the compiled code, so the SDK stays an optional peer.
 */
import type { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';

export type {
  CollectionResult,
  DataPoint,
  GaugeMetricData,
  Histogram,
  HistogramMetricData,
  MetricCollectOptions,
  MetricData,
  MetricProducer,
  SumMetricData,
} from '@opentelemetry/sdk-metrics';

/** Values of the SDK's enums. The compiler checks them. */
export const CUMULATIVE: AggregationTemporality.CUMULATIVE = 1;
export const HISTOGRAM: DataPointType.HISTOGRAM = 0;
export const GAUGE: DataPointType.GAUGE = 2;
export const SUM: DataPointType.SUM = 3;
