import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { type Moment, jumpMillis } from '@rulescope/profiler/internal';
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

/**
 * Makes the data that a `MetricProducer` returns. Pure: the caller gives the time. The wall clock
 * labels the points. If it is set back, the end times follow it and the starts are set back as far,
 * so that no point ends before it starts.
 */
export class ProducedMetrics {
  /** Start of each rule's series, by its attributes, by the wall clock as it was at first. */
  private readonly starts = new WeakMap<Attributes, number>();
  /**
   * The collections of late, oldest first, by the monotonic clock, with the number of endings that
   * each reported.
   */
  private readonly collections: { readonly millis: number; readonly endings: number }[] = [];
  /** How far the wall clock was set back since the start, milliseconds, at most 0. */
  private setBackMillis = 0;
  /** Time of the last collection. */
  private last: Moment;
  /** End time of the last collection, milliseconds since the epoch. */
  private endMillis: number;

  constructor(
    private readonly observed: Observed,
    private readonly durations: CloseDurations,
    private readonly start: Moment,
  ) {
    this.last = start;
    this.endMillis = start.epochMillis;
  }

  /** Returns all metrics. */
  collect(now: Moment): MetricData[] {
    /** A series that is new since the last collection started after it. */
    const newStart = this.endMillis - this.setBackMillis;
    const setBack = Math.min(0, jumpMillis(this.last, now));
    this.last = now;
    this.setBackMillis += setBack;
    // A smaller step back than a jump must not take an end time before the one before.
    this.endMillis = Math.max(now.epochMillis, this.endMillis + setBack);
    const endTime = toHrTime(this.endMillis);
    const startTime = toHrTime(this.start.epochMillis + this.setBackMillis);
    const points = new Map<Metric, DataPoint<number>[]>();
    let [lastAttributes, lastStart]: [Attributes | undefined, HrTime] = [undefined, startTime];
    const endings = observeAll(this.observed, 0, (metric, value, attributes = {}) => {
      const ofRule = metric.group === 'rule' || metric.group === 'functions';
      if (ofRule && attributes !== lastAttributes) {
        lastAttributes = attributes;
        lastStart = this.startOf(attributes, newStart);
      }
      const point = { attributes, value, startTime: ofRule ? lastStart : startTime, endTime };
      const known = points.get(metric);
      if (known === undefined) points.set(metric, [point]);
      else known.push(point);
    });
    this.forgetEnded(now.monotonicMillis, endings);
    return this.metricsOf(points, startTime, endTime);
  }

  private metricsOf(
    points: ReadonlyMap<Metric, DataPoint<number>[]>,
    startTime: HrTime,
    endTime: HrTime,
  ): MetricData[] {
    const metrics = Object.values(METRICS).flatMap((metric: Metric) => {
      const dataPoints = points.get(metric);
      return dataPoints === undefined ? [] : [dataOf(metric, dataPoints)];
    });
    const durations = this.durations.get();
    if (durations === undefined || !this.observed.groups[CLOSE_DURATION.group]) return metrics;
    const point = { attributes: {}, value: durations, startTime, endTime };
    const histogram: HistogramMetricData = {
      descriptor: descriptorOf(CLOSE_DURATION),
      aggregationTemporality: CUMULATIVE,
      dataPointType: HISTOGRAM,
      dataPoints: [point],
    };
    return [...metrics, histogram];
  }

  private startOf(attributes: Attributes, newStart: number): HrTime {
    let start = this.starts.get(attributes);
    if (start === undefined) this.starts.set(attributes, (start = newStart));
    return toHrTime(start + this.setBackMillis);
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
