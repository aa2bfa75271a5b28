import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { CPU_SOURCES } from './CpuLedger';
import type { RuleAccounts } from './RuleAccounts';
import type { RuleFigures } from './RuleSeries';
import * as semconv from './semconv';

/** Consumers of the collector, for `rulescope.consumer.dropped`. */
export type ConsumerList = () => readonly { readonly name: string; readonly dropped: number }[];

/** The instruments of one meter. */
export interface Instruments {
  /** Records the time for which closing a window held the event loop, seconds. */
  recordPause(seconds: number): void;
  /** Ends the observations. */
  unregister(): void;
}

/**
 * Creates the instruments on `meter`. One batch callback reads `accounts`. It changes nothing, so
 * that every reader gets everything.
 */
export function registerInstruments(
  meter: Meter,
  accounts: RuleAccounts,
  consumers: ConsumerList,
): Instruments {
  const ruleTime = meter.createObservableCounter(semconv.METRIC_RULE_CPU_TIME, {
    unit: 's',
    description: 'CPU time of a rule.',
  });
  const ruleUtilization = meter.createObservableGauge(semconv.METRIC_RULE_CPU_UTILIZATION, {
    unit: '1',
    description: 'CPU time of a rule in the last window, divided by its length; 1 is one core.',
  });
  const ruleSamples = meter.createObservableCounter(semconv.METRIC_RULE_CPU_SAMPLES, {
    unit: '{sample}',
    description: 'Profile samples behind the CPU time of a rule.',
  });
  const ruleVariance = meter.createObservableCounter(semconv.METRIC_RULE_CPU_VARIANCE, {
    unit: 's2',
    description: 'Square of the standard error of the CPU time of a rule.',
  });
  const ruleError = meter.createObservableGauge(semconv.METRIC_RULE_CPU_STANDARD_ERROR, {
    unit: '{cpu}',
    description: 'One standard error of the utilization of a rule.',
  });
  const time = meter.createObservableCounter(semconv.METRIC_CPU_TIME, {
    unit: 's',
    description: 'CPU time of the process by source.',
  });
  const utilization = meter.createObservableGauge(semconv.METRIC_CPU_UTILIZATION, {
    unit: '1',
    description: 'CPU time of the process by source in the last window, divided by its length.',
  });
  const windows = meter.createObservableCounter(semconv.METRIC_WINDOWS, {
    unit: '{window}',
    description: 'Profile windows by outcome, and by whether the thread waited for a processor.',
  });
  const quality = meter.createObservableGauge(semconv.METRIC_SAMPLER_QUALITY, {
    unit: '1',
    description: 'Samples that show CPU use, divided by the samples expected from the CPU time.',
  });
  const info = meter.createObservableGauge(semconv.METRIC_SAMPLER_INFO, {
    unit: '{sampler}',
    description: 'State of the sampler: 1 for the current state, 0 for earlier ones.',
  });
  const dropped = meter.createObservableCounter(semconv.METRIC_CONSUMER_DROPPED, {
    unit: '{window}',
    description: 'Profile windows that a consumer missed because it was slow.',
  });
  const pause = meter.createHistogram(semconv.METRIC_PAUSE, {
    unit: 's',
    description: 'Time for which closing a profile window held the event loop.',
    advice: { explicitBucketBoundaries: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1] },
  });

  const observe = (result: BatchObservableResult): void => {
    const observeRule = (figures: RuleFigures, attributes: Attributes): void => {
      result.observe(ruleTime, figures.cpuSeconds, attributes);
      result.observe(ruleUtilization, figures.utilization, attributes);
      result.observe(ruleSamples, figures.hits, attributes);
      result.observe(ruleVariance, figures.variance, attributes);
      result.observe(ruleError, figures.standardError, attributes);
    };
    const { series, ledger } = accounts;
    for (const [id, figures] of series.rules) observeRule(figures, { [semconv.ATTR_RULE_ID]: id });
    if (series.other !== undefined) {
      observeRule(series.other, {
        [semconv.ATTR_RULE_ID]: semconv.OTHER_RULES,
        [semconv.ATTR_OTHER]: 'true',
      });
    }
    for (const source of CPU_SOURCES) {
      const attributes = { [semconv.ATTR_CPU_SOURCE]: source };
      result.observe(time, ledger.cpuSeconds(source), attributes);
      result.observe(utilization, ledger.utilization(source), attributes);
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
    for (const [name, count] of droppedByName(consumers())) {
      result.observe(dropped, count, { [semconv.ATTR_CONSUMER]: name });
    }
  };
  const observed: Observable[] = [
    ruleTime,
    ruleUtilization,
    ruleSamples,
    ruleVariance,
    ruleError,
    time,
    utilization,
    windows,
    quality,
    info,
    dropped,
  ];
  meter.addBatchObservableCallback(observe, observed);
  return {
    recordPause: (seconds) => pause.record(seconds),
    unregister: () => meter.removeBatchObservableCallback(observe, observed),
  };
}

function droppedByName(consumers: ReturnType<ConsumerList>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { name, dropped } of consumers) sums.set(name, (sums.get(name) ?? 0) + dropped);
  return sums;
}
