import { SUM_BY_RULE, errorOfIncrease } from './expressions';
import type { MetricNames } from './naming';

/** A recording rule of Prometheus. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Names of the recorded series. All figures are in cores, summed over the processes of a job. */
export const RECORDED = {
  rate5m: 'job_rule:rulescope_rule_cpu_time:rate5m',
  error5m: 'job_rule:rulescope_rule_cpu_time:standard_error5m',
  rate1h: 'job_rule:rulescope_rule_cpu_time:rate1h',
  error1h: 'job_rule:rulescope_rule_cpu_time:standard_error1h',
  budget: 'job_rule:rulescope_rule_cpu_time:budget',
  sources5m: 'job_source:rulescope_process_cpu_time:rate5m',
  processes: 'job:rulescope_processes:count',
} as const;

/** Cores that a rule may use in all processes of a job together. */
const BUDGET = 0.5;

const SUM_BY_JOB_AND_RULE = SUM_BY_RULE.replace('(', '(job, ');

/** Returns the recording rules: the fleet as one process. */
export function recordingRules(metric: MetricNames): readonly RecordingRule[] {
  const { ruleTime, processTime } = metric;
  const rate = (range: string): string => `${SUM_BY_JOB_AND_RULE} (rate(${ruleTime}[${range}]))`;
  const error = (range: string, seconds: number): string =>
    `${errorOfIncrease(metric, SUM_BY_JOB_AND_RULE, '', range)} / ${seconds}`;
  return [
    { record: RECORDED.rate5m, expr: rate('5m') },
    { record: RECORDED.error5m, expr: error('5m', 300) },
    { record: RECORDED.rate1h, expr: rate('1h') },
    { record: RECORDED.error1h, expr: error('1h', 3600) },
    { record: RECORDED.budget, expr: `0 * ${RECORDED.rate5m} + ${BUDGET}` },
    {
      record: RECORDED.sources5m,
      expr: `sum by (job, rulescope_cpu_source) (rate(${processTime}[5m]))`,
    },
    {
      record: RECORDED.processes,
      expr: `count by (job) (${processTime}{rulescope_cpu_source="rule"})`,
    },
  ];
}
