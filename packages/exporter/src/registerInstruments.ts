import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { CLOSE_DURATION, METRICS, type Metric } from './metrics';
import { type Observed, observeAll } from './observe';

/** The instruments of one meter. */
export interface Instruments {
  /** Records the event-loop time that closing one window took, seconds. */
  recordCloseDuration(seconds: number): void;
  /** Ends the observations. */
  unregister(): void;
}

/**
 * Creates the instruments on `meter`. One batch callback reads the accounts and changes nothing
 * there, so each metric reader gets all values.
 *
 * A series that has ended is observed once more, with its last sums and a usage of 0. One collection
 * by any reader is enough: the SDK keeps an observation for all other readers of the provider.
 *
 * @param prepare Called before a collection, which waits for the promise, if there is one.
 * @returns `undefined` if `meter` is a no-op meter, which keeps nothing.
 */
export function registerInstruments(
  meter: Meter,
  observed: Observed,
  prepare: () => Promise<void> | undefined = () => undefined,
): Instruments | undefined {
  const { groups } = observed;
  const metrics: Metric[] = Object.values(METRICS).filter(({ group }) => groups[group]);
  const instruments = new Map(metrics.map((metric) => [metric, createInstrument(meter, metric)]));
  if (isNoop(meter, instruments)) return undefined;
  const { name, unit, description, boundaries } = CLOSE_DURATION;
  const closeDuration = groups[CLOSE_DURATION.group]
    ? meter.createHistogram(name, {
        unit,
        description,
        advice: { explicitBucketBoundaries: [...boundaries] },
      })
    : undefined;

  let reported = 0;
  const observe = (result: BatchObservableResult): void => {
    reported = observeAll(observed, reported, (metric, value, attributes) => {
      const instrument = instruments.get(metric);
      if (instrument !== undefined) result.observe(instrument, value, attributes);
    });
  };
  const callback = (result: BatchObservableResult): void | Promise<void> =>
    prepare()?.then(() => observe(result)) ?? observe(result);
  const all = [...instruments.values()];
  meter.addBatchObservableCallback(callback, all);
  return {
    recordCloseDuration: (seconds) => closeDuration?.record(seconds),
    unregister: () => meter.removeBatchObservableCallback(callback, all),
  };
}

/**
 * A no-op meter has one counter for all names, and returns it each time. The name of its class can
 * change in a bundle, and each copy of the API has a class of its own. An SDK creates an object each
 * time, and takes two of one name for one instrument.
 */
function isNoop(meter: Meter, instruments: ReadonlyMap<Metric, Observable>): boolean {
  const [first] = instruments;
  return first !== undefined && createInstrument(meter, first[0]) === first[1];
}

function createInstrument(meter: Meter, { kind, name, unit, description }: Metric): Observable {
  const options = { unit, description };
  return kind === 'counter'
    ? meter.createObservableCounter(name, options)
    : meter.createObservableGauge(name, options);
}
