import { CONFIDENCE_95, SUM_BY_RULE, errorOfIncrease, errorOfRate } from './expressions';
import type { MetricNames } from './naming';
import { type Row, band, bars, instantQuery, lines, query, table } from './panel';
import { ALL, ONE_RULE, RANGE, RATE } from './variables';

const SUM_BY_FUNCTION = 'sum by (code_function_name, code_file_path, code_line_number)';
const FUNCTION = '{{code_function_name}} {{code_file_path}}:{{code_line_number}}';

/** Returns panels that compare all rules. */
export function comparison(metric: MetricNames): Row['panels'] {
  const increase = (name: string, at = ''): string =>
    `${SUM_BY_RULE} (increase(${name}${ALL}[${RANGE}]${at}))`;
  return [
    lines(
      {
        title: 'CPU of the ten hottest rules',
        description:
          'Cores. 1 is one busy core. The ten rules with the most CPU in the time range.',
        unit: 'none',
      },
      query(
        `${SUM_BY_RULE} (rate(${metric.ruleTime}${ALL}[${RATE}]))` +
          ` and topk(10, ${increase(metric.ruleTime, ' @ end()')})`,
        '{{rulescope_rule_id}}',
      ),
    ),
    table(
      {
        title: 'All rules',
        description:
          'CPU in the time range. The CPU time is within 1.96 standard errors for 95 of 100 rules. ' +
          'A rule with few samples has a large error.',
      },
      { rulescope_rule_id: 'rule', rulescope_rule_other: 'all other rules' },
      [
        ['CPU time', 's', increase(metric.ruleTime)],
        ['standard error', 's', errorOfIncrease(metric, SUM_BY_RULE, ALL, RANGE)],
        ['samples', 'short', increase(metric.ruleSamples)],
      ],
    ),
  ];
}

/** Returns panels about the chosen rule. */
export function oneRule(metric: MetricNames): Row['panels'] {
  const rate = `sum(rate(${metric.ruleTime}${ONE_RULE}[${RATE}]))`;
  const error = errorOfRate(metric, 'sum', ONE_RULE, RATE);
  return [
    band(
      {
        title: 'CPU, with its error',
        description: 'Cores. The true value is inside the band for 95 of 100 points.',
        unit: 'none',
      },
      rate,
      error,
      CONFIDENCE_95,
    ),
    band(
      {
        title: 'CPU in the last window, with its error',
        description: 'Cores in the last window of each process. Windows are short: 5 s by default.',
        unit: 'none',
      },
      `sum(${metric.ruleUsage}${ONE_RULE})`,
      `sqrt(sum(${metric.ruleError}${ONE_RULE} ^ 2))`,
      CONFIDENCE_95,
    ),
    lines(
      {
        title: 'CPU by process',
        description: 'Cores.',
        unit: 'none',
        span: 8,
      },
      query(
        `sum by (job, instance) (rate(${metric.ruleTime}${ONE_RULE}[${RATE}]))`,
        '{{job}} {{instance}}',
      ),
    ),
    lines(
      {
        title: 'Standard error, share of the CPU',
        description: 'The more samples, the smaller. 100 samples give about 10 %.',
        unit: 'percentunit',
        span: 8,
      },
      query(`${error} / ${rate}`, '$rule'),
    ),
    lines(
      {
        title: 'Samples per second',
        description: 'Samples behind the CPU.',
        unit: 'none',
        span: 8,
      },
      query(`sum(rate(${metric.ruleSamples}${ONE_RULE}[${RATE}]))`, '$rule'),
    ),
  ];
}

/** Returns panels about the functions of the chosen rule. They need the opt-in metrics. */
export function hotFunctions(metric: MetricNames): Row['panels'] {
  const increase = (name: string, at = ''): string =>
    `topk(10, ${SUM_BY_FUNCTION} (increase(${name}${ONE_RULE}[${RANGE}]${at})))`;
  return [
    lines(
      {
        title: 'CPU of functions',
        description:
          'Cores, without what the function calls. Empty unless the option for hot functions is on.',
        unit: 'none',
      },
      query(
        `${SUM_BY_FUNCTION} (rate(${metric.functionTime}${ONE_RULE}[${RATE}]))` +
          ` and ${increase(metric.functionTime, ' @ end()')}`,
        FUNCTION,
      ),
    ),
    bars(
      {
        title: 'CPU of functions with all that they call',
        description: 'Seconds in the time range. A sum over functions has no meaning.',
        unit: 's',
      },
      instantQuery(increase(metric.functionCumulativeTime), FUNCTION),
    ),
  ];
}
