import type { MetricGroup } from './groups';
import * as semconv from './semconv';

/** A metric, however it is exported. */
export interface Metric {
  readonly group: MetricGroup;
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** All metrics that are read from the accounts when a reader collects. */
export const METRICS = {
  ruleTime: {
    group: 'rule',
    kind: 'counter',
    name: semconv.METRIC_RULE_CPU_TIME,
    unit: 's',
    description: 'CPU time of a rule.',
  },
  ruleUsage: {
    group: 'rule',
    kind: 'gauge',
    name: semconv.METRIC_RULE_CPU_USAGE,
    unit: '{cpu}',
    description:
      'CPU time of a rule in the last window, divided by its length. 1 means one busy core.',
  },
  ruleSamples: {
    group: 'rule',
    kind: 'counter',
    name: semconv.METRIC_RULE_CPU_SAMPLES,
    unit: '{sample}',
    description: 'Profile samples behind the CPU time of a rule.',
  },
  ruleVariance: {
    group: 'rule',
    kind: 'counter',
    name: semconv.METRIC_RULE_CPU_VARIANCE,
    unit: 's2',
    description: 'Square of the standard error of the CPU time of a rule.',
  },
  ruleError: {
    group: 'rule',
    kind: 'gauge',
    name: semconv.METRIC_RULE_CPU_STANDARD_ERROR,
    unit: '{cpu}',
    description: 'One standard error of the CPU usage of a rule.',
  },
  functionTime: {
    group: 'functions',
    kind: 'counter',
    name: semconv.METRIC_RULE_FUNCTION_CPU_TIME,
    unit: 's',
    description: 'CPU time of a function in a rule, without the functions that it calls.',
  },
  functionCumulativeTime: {
    group: 'functions',
    kind: 'counter',
    name: semconv.METRIC_RULE_FUNCTION_CPU_CUMULATIVE_TIME,
    unit: 's',
    description: 'CPU time of a function in a rule, with the functions that it calls.',
  },
  time: {
    group: 'process',
    kind: 'counter',
    name: semconv.METRIC_PROCESS_CPU_TIME,
    unit: 's',
    description: 'CPU time of the process by source.',
  },
  usage: {
    group: 'process',
    kind: 'gauge',
    name: semconv.METRIC_PROCESS_CPU_USAGE,
    unit: '{cpu}',
    description: 'CPU time of the process by source in the last window, divided by its length.',
  },
  windows: {
    group: 'profiler',
    kind: 'counter',
    name: semconv.METRIC_WINDOWS,
    unit: '{window}',
    description: 'Profile windows by outcome, and by whether the thread waited for a processor.',
  },
  quality: {
    group: 'profiler',
    kind: 'gauge',
    name: semconv.METRIC_SAMPLER_QUALITY,
    unit: '1',
    description: 'Samples that show CPU use, divided by the samples expected from the CPU time.',
  },
  info: {
    group: 'profiler',
    kind: 'gauge',
    name: semconv.METRIC_SAMPLER_INFO,
    unit: '{sampler}',
    description: 'State of the sampler: 1 for the current state, 0 for earlier ones.',
  },
  dropped: {
    group: 'profiler',
    kind: 'counter',
    name: semconv.METRIC_CONSUMER_DROPPED_WINDOWS,
    unit: '{window}',
    description: 'Profile windows that a consumer missed because it was slow.',
  },
} as const satisfies Record<string, Metric>;

/** The histogram, which gets a value with each window. */
export const CLOSE_DURATION = {
  group: 'profiler',
  name: semconv.METRIC_WINDOW_CLOSE_DURATION,
  unit: 's',
  description: 'Event-loop time that closing a profile window took.',
  /** Seconds. */
  boundaries: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
} as const;
