import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { CPU_SOURCES } from './CpuLedger';
import type { RuleAccounts } from './RuleAccounts';
import type { RuleFigures } from './RuleFigures';
import * as semconv from './semconv';

/** Returns the windows missed by the name of the consumer. */
export type DroppedWindows = () => ReadonlyMap<string, number>;

/** The instruments of one meter. */
export interface Instruments {
  /** Records the event-loop time that closing one window took, seconds. */
  recordCloseDuration(seconds: number): void;
  /** Ends the observations. */
  unregister(): void;
}

/** Seconds. */
const CLOSE_DURATION_BOUNDARIES = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/**
 * Creates the instruments on `meter`. One batch callback reads `accounts` and changes nothing there,
 * so each metric reader gets all values.
 *
 * A series that has ended is observed once more, with its last sums and a usage of 0. One collection
 * by any reader is enough: the SDK keeps an observation for all other readers of the provider.
 *
 * @param prepare Called before a collection, which waits for the promise, if there is one.
 * @returns `undefined` if `meter` is a no-op meter, which keeps nothing.
 */
export function registerInstruments(
  meter: Meter,
  accounts: RuleAccounts,
  droppedWindows: DroppedWindows,
  prepare: () => Promise<void> | undefined = () => undefined,
): Instruments | undefined {
  const counter = (name: string, unit: string, description: string): Observable =>
    meter.createObservableCounter(name, { unit, description });
  const gauge = (name: string, unit: string, description: string): Observable =>
    meter.createObservableGauge(name, { unit, description });

  const ruleTime = counter(semconv.METRIC_RULE_CPU_TIME, 's', 'CPU time of a rule.');
  const ruleSamples = counter(
    semconv.METRIC_RULE_CPU_SAMPLES,
    '{sample}',
    'Profile samples behind the CPU time of a rule.',
  );
  // A no-op meter has one counter for all names. The name of its class can change in a bundle, and
  // each copy of the API has a class of its own.
  if (ruleTime === ruleSamples) return undefined;
  const ruleUsage = gauge(
    semconv.METRIC_RULE_CPU_USAGE,
    '{cpu}',
    'CPU time of a rule in the last window, divided by its length. 1 means one busy core.',
  );
  const ruleVariance = counter(
    semconv.METRIC_RULE_CPU_VARIANCE,
    's2',
    'Square of the standard error of the CPU time of a rule.',
  );
  const ruleError = gauge(
    semconv.METRIC_RULE_CPU_STANDARD_ERROR,
    '{cpu}',
    'One standard error of the CPU usage of a rule.',
  );
  const time = counter(semconv.METRIC_PROCESS_CPU_TIME, 's', 'CPU time of the process by source.');
  const usage = gauge(
    semconv.METRIC_PROCESS_CPU_USAGE,
    '{cpu}',
    'CPU time of the process by source in the last window, divided by its length.',
  );
  const windows = counter(
    semconv.METRIC_WINDOWS,
    '{window}',
    'Profile windows by outcome, and by whether the thread waited for a processor.',
  );
  const quality = gauge(
    semconv.METRIC_SAMPLER_QUALITY,
    '1',
    'Samples that show CPU use, divided by the samples expected from the CPU time.',
  );
  const info = gauge(
    semconv.METRIC_SAMPLER_INFO,
    '{sampler}',
    'State of the sampler: 1 for the current state, 0 for earlier ones.',
  );
  const dropped = counter(
    semconv.METRIC_CONSUMER_DROPPED_WINDOWS,
    '{window}',
    'Profile windows that a consumer missed because it was slow.',
  );
  const closeDuration = meter.createHistogram(semconv.METRIC_WINDOW_CLOSE_DURATION, {
    unit: 's',
    description: 'Event-loop time that closing a profile window took.',
    advice: { explicitBucketBoundaries: CLOSE_DURATION_BOUNDARIES },
  });

  let reportedEndings = 0;
  const observe = (result: BatchObservableResult): void => {
    const observeRule = (figures: RuleFigures, attributes: Attributes): void => {
      result.observe(ruleTime, figures.cpuSeconds, attributes);
      result.observe(ruleUsage, figures.usage, attributes);
      result.observe(ruleSamples, figures.hits, attributes);
      result.observe(ruleVariance, figures.variance, attributes);
      result.observe(ruleError, figures.standardError, attributes);
    };
    const { series, ledger } = accounts;
    for (const rules of [series.rules, series.endedSince(reportedEndings)]) {
      for (const [id, figures] of rules) observeRule(figures, { [semconv.ATTR_RULE_ID]: id });
    }
    reportedEndings = series.endings;
    if (series.other !== undefined) {
      observeRule(series.other, {
        [semconv.ATTR_RULE_ID]: semconv.OTHER_RULES,
        [semconv.ATTR_RULE_OTHER]: true,
      });
    }
    for (const source of CPU_SOURCES) {
      const attributes = { [semconv.ATTR_CPU_SOURCE]: source };
      result.observe(time, ledger.cpuSeconds(source), attributes);
      result.observe(usage, ledger.usage(source), attributes);
    }
    for (const { outcome, contended, count } of accounts.windows) {
      result.observe(windows, count, {
        [semconv.ATTR_WINDOW_OUTCOME]: outcome,
        [semconv.ATTR_WINDOW_CONTENDED]: contended,
      });
    }
    if (accounts.quality !== undefined) result.observe(quality, accounts.quality);
    for (const [attributes, value] of accounts.samplerStates.values()) {
      result.observe(info, value, attributes);
    }
    for (const [name, count] of droppedWindows()) {
      result.observe(dropped, count, { [semconv.ATTR_CONSUMER_NAME]: name });
    }
  };
  const observed = [
    ruleTime,
    ruleUsage,
    ruleSamples,
    ruleVariance,
    ruleError,
    time,
    usage,
    windows,
    quality,
    info,
    dropped,
  ];
  const callback = (result: BatchObservableResult): void | Promise<void> =>
    prepare()?.then(() => observe(result)) ?? observe(result);
  meter.addBatchObservableCallback(callback, observed);
  return {
    recordCloseDuration: (seconds) => closeDuration.record(seconds),
    unregister: () => meter.removeBatchObservableCallback(callback, observed),
  };
}
