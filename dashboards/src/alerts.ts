import { CONFIDENCE_95 } from './expressions';
import type { MetricNames } from './naming';
import { RECORDED } from './recordingRules';

/** An alert that fires while all of its conditions hold. */
export interface Alert {
  readonly name: string;
  readonly conditions: readonly Condition[];
  /** How long the conditions must hold. */
  readonly for: string;
  readonly severity: 'info' | 'warning';
  readonly summary: string;
  readonly description: string;
}

/** A value and what it is compared with. */
interface Condition {
  readonly value: string;
  /** A comparison of PromQL, such as `> 0.5`. */
  readonly is: string;
  /** Labels by which the first condition is matched with this one. Default: all labels. */
  readonly on?: string;
}

/** Standard errors that a change must exceed. Chance does so once in 370 comparisons. */
const SIGMAS = 3;

const RULE = 'Rule {{ $labels.rulescope_rule_id }} of {{ $labels.job }}';
const PROCESS = '{{ $labels.job }} {{ $labels.instance }}';
const SHARE = '{{ $value | humanizePercentage }}';
const FIGURE = '{{ printf "%.2f" $value }}';

/** Returns the alerts about rules, which need the recording rules. */
export function ruleAlerts(): readonly Alert[] {
  const { rate5m, error5m, rate1h, error1h, budget, sources5m, processes } = RECORDED;
  const total = `sum by (job) (${sources5m})`;
  const atLeast = `(${rate5m} - ${CONFIDENCE_95} * ${error5m})`;
  const change = `abs(${rate1h} - ${rate1h} offset 1w)`;
  const errorOfChange = `sqrt(${error1h} ^ 2 + (${error1h} offset 1w) ^ 2)`;
  return [
    {
      name: 'RulescopeNoisyRule',
      conditions: [
        { value: `${atLeast} / on (job) group_left () ${total}`, is: '> 0.5' },
        { value: `${total} / ${processes}`, is: '> 0.5', on: 'job' },
      ],
      for: '10m',
      severity: 'warning',
      summary: `${RULE} uses more than half of the CPU.`,
      description: `At least ${SHARE} of the CPU, and the processes use more than half a core each.`,
    },
    {
      name: 'RulescopeRuleOverBudget',
      conditions: [{ value: `${atLeast} - ${budget}`, is: '> 0' }],
      for: '10m',
      severity: 'warning',
      summary: `${RULE} uses more CPU than its budget.`,
      description: `At least ${FIGURE} cores above the budget, with the error taken off.`,
    },
    {
      name: 'RulescopeRuleChanged',
      conditions: [
        { value: `${change} - ${SIGMAS} * ${errorOfChange}`, is: '> 0.05' },
        { value: `${change} / (${rate1h} offset 1w)`, is: '> 0.5' },
      ],
      for: '15m',
      severity: 'info',
      summary: `${RULE} uses much more or less CPU than a week ago.`,
      description: `At least ${FIGURE} cores of difference, and more than half of last week's CPU.`,
    },
  ];
}

/** Returns the alerts about how well rulescope measures. */
export function measurementAlerts(metric: MetricNames): readonly Alert[] {
  const sum = (expression: string): string => `sum by (job, instance) (${expression})`;
  const ledger = `${sum(`rate(${metric.processTime}[10m])`)}`;
  const ratio = (a: string, b: string): string => `abs(${a} / ${b} - 1)`;
  return [
    {
      name: 'RulescopeRulesDoNotSum',
      conditions: [
        {
          value: ratio(
            sum(`rate(${metric.ruleTime}[10m])`),
            sum(`rate(${metric.processTime}{rulescope_cpu_source="rule"}[10m])`),
          ),
          is: '> 0.1',
        },
      ],
      for: '30m',
      severity: 'warning',
      summary: `The rules of ${PROCESS} do not sum to the CPU of all rules.`,
      description:
        `They are ${SHARE} off. A View or a cardinality limit of the SDK drops or merges series, ` +
        'or most rules live for a few scrapes only.',
    },
    {
      name: 'RulescopeLedgerDoesNotClose',
      conditions: [
        { value: ratio(ledger, sum(`rate(${metric.hostProcessTime}[10m])`)), is: '> 0.05' },
      ],
      for: '30m',
      severity: 'warning',
      summary: `The sources of ${PROCESS} do not sum to the CPU of the process.`,
      description: `They are ${SHARE} off what the operating system counts.`,
    },
    {
      name: 'RulescopeWindowsIncomplete',
      conditions: [
        {
          value:
            sum(`increase(${metric.windows}{rulescope_window_outcome!="complete"}[15m])`) +
            ` / ${sum(`increase(${metric.windows}[15m])`)}`,
          is: '> 0.1',
        },
      ],
      for: '15m',
      severity: 'warning',
      summary: `Profile windows of ${PROCESS} are incomplete.`,
      description: `${SHARE} of the windows are incomplete or failed, so CPU of rules is missing.`,
    },
    {
      name: 'RulescopeWindowsDropped',
      conditions: [
        {
          value:
            'sum by (job, instance, rulescope_consumer_name)' +
            ` (increase(${metric.droppedWindows}[15m]))`,
          is: '> 0',
        },
      ],
      for: '0m',
      severity: 'warning',
      summary: `A consumer of ${PROCESS} is too slow.`,
      description: `{{ $labels.rulescope_consumer_name }} missed {{ $value }} windows.`,
    },
    {
      name: 'RulescopeUnfairSampling',
      conditions: [
        {
          value: `max by (job, instance) (${metric.samplerInfo}{rulescope_sampler_fair="false"})`,
          is: '== 1',
        },
      ],
      for: '10m',
      severity: 'warning',
      summary: `Samples of ${PROCESS} are not fair.`,
      description: 'Rules with short bursts of work get too little or too much of the CPU.',
    },
    {
      name: 'RulescopeContention',
      conditions: [{ value: `avg_over_time(${metric.samplerQuality}[15m])`, is: '> 1.08' }],
      for: '15m',
      severity: 'info',
      summary: `${PROCESS} waits for a processor.`,
      description: `Sampler quality ${FIGURE}. Waiting is sampled like CPU: figures are less exact.`,
    },
    {
      name: 'RulescopeSamplesMissing',
      conditions: [{ value: `avg_over_time(${metric.samplerQuality}[15m])`, is: '< 0.9' }],
      for: '15m',
      severity: 'warning',
      summary: `The sampler of ${PROCESS} misses samples.`,
      description: `Sampler quality ${FIGURE}. Samples are not fair.`,
    },
  ];
}

/** Returns the expression of an alert. */
export function alertExpression({ conditions }: Alert): string {
  return conditions
    .map(({ value, is, on }, i) => {
      const and = i === 0 ? '' : `and ${on === undefined ? '' : `on (${on}) `}`;
      return `${and}${value} ${is}`;
    })
    .join('\n');
}
