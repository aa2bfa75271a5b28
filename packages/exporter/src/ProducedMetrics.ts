import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import type { CloseDurations } from './CloseDurations';
import { CLOSE_DURATION, METRICS, type Metric } from './metrics';
import { type Observed, observeAll } from './observe';
import {
  CUMULATIVE,
  type DataPoint,
  GAUGE,
  type GaugeMetricData,
  HISTOGRAM,
  type HistogramMetricData,
  type MetricData,
  SUM,
  type SumMetricData,
} from './sdkTypes';

/**
 * A series stays in the collections for this long after it was in one for the last time, so that all
 * readers of a producer get its last sums, milliseconds. The SDK's readers collect each minute.
 */
const LINGER_MILLIS = 120_000;

/** Makes the data that a `MetricProducer` returns. Pure: the caller gives the time. */
export class ProducedMetrics {
  /** Start of each series that was not there from the start, by its attributes. */
  private readonly starts = new WeakMap<Attributes, HrTime>();
  /** The collections of late, oldest first, with the number of endings that each reported. */
  private readonly collections: { readonly millis: number; readonly endings: number }[] = [];
  private lastMillis: number;

  constructor(
    private readonly observed: Observed,
    private readonly durations: CloseDurations,
    startMillis: number,
  ) {
    this.startTime = toHrTime(startMillis);
    this.lastMillis = startMillis;
  }

  private readonly startTime: HrTime;

  /** Returns all metrics. `now` is milliseconds since the epoch. */
  collect(now: number): MetricData[] {
    // The wall clock may have been set back. A point must not end before it starts.
    const millis = Math.max(now, this.lastMillis);
    const endTime = toHrTime(millis);
    /** A series that is new since the last collection started after it. */
    const newStart = toHrTime(this.lastMillis);
    const points = new Map<Metric, DataPoint<number>[]>();
    let [lastAttributes, lastStart]: [Attributes | undefined, HrTime] = [undefined, this.startTime];
    const endings = observeAll(this.observed, 0, (metric, value, attributes = {}) => {
      const ofRule = metric.group === 'rule' || metric.group === 'functions';
      if (ofRule && attributes !== lastAttributes) {
        lastAttributes = attributes;
        lastStart = this.startOf(attributes, newStart);
      }
      const startTime = ofRule ? lastStart : this.startTime;
      const point = { attributes, value, startTime, endTime };
      const known = points.get(metric);
      if (known === undefined) points.set(metric, [point]);
      else known.push(point);
    });
    this.lastMillis = millis;
    this.forgetEnded(millis, endings);
    return this.metricsOf(points, endTime);
  }

  private metricsOf(
    points: ReadonlyMap<Metric, DataPoint<number>[]>,
    endTime: HrTime,
  ): MetricData[] {
    const metrics = Object.values(METRICS).flatMap((metric: Metric) => {
      const dataPoints = points.get(metric);
      return dataPoints === undefined ? [] : [dataOf(metric, dataPoints)];
    });
    const durations = this.durations.get();
    if (durations === undefined || !this.observed.groups[CLOSE_DURATION.group]) return metrics;
    const point = { attributes: {}, value: durations, startTime: this.startTime, endTime };
    const histogram: HistogramMetricData = {
      descriptor: descriptorOf(CLOSE_DURATION),
      aggregationTemporality: CUMULATIVE,
      dataPointType: HISTOGRAM,
      dataPoints: [point],
    };
    return [...metrics, histogram];
  }

  private startOf(attributes: Attributes, newStart: HrTime): HrTime {
    let start = this.starts.get(attributes);
    if (start === undefined) this.starts.set(attributes, (start = newStart));
    return start;
  }

  private forgetEnded(millis: number, endings: number): void {
    const { collections } = this;
    if (collections.at(-1)?.endings !== endings) collections.push({ millis, endings });
    for (let first = collections[0]; first !== undefined; first = collections[0]) {
      if (millis - first.millis < LINGER_MILLIS) return;
      this.observed.accounts.forgetEnded(first.endings);
      collections.shift();
    }
  }
}

function dataOf(metric: Metric, dataPoints: DataPoint<number>[]): SumMetricData | GaugeMetricData {
  const common = {
    descriptor: descriptorOf(metric),
    aggregationTemporality: CUMULATIVE,
    dataPoints,
  };
  return metric.kind === 'counter'
    ? { ...common, dataPointType: SUM, isMonotonic: true }
    : { ...common, dataPointType: GAUGE };
}

function descriptorOf({
  name,
  unit,
  description,
}: Pick<Metric, 'name' | 'unit' | 'description'>): MetricData['descriptor'] {
  return { name, unit, description, valueType: ValueType.DOUBLE };
}

function toHrTime(millis: number): HrTime {
  const seconds = Math.floor(millis / 1000);
  return [seconds, Math.round((millis - seconds * 1000) * 1e6)];
}
