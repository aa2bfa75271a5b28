import type { MetricNames } from './naming';
import { type Row, areas, bars, instantQuery, lines, query, table } from './panel';
import { ALL, RANGE, RATE } from './variables';

/** Returns panels about all CPU of the processes, by source. */
export function ledger(metric: MetricNames): Row['panels'] {
  return [
    areas(
      {
        title: 'CPU by source',
        description: 'Cores. The sources sum to all CPU of the processes.',
        unit: 'none',
        span: 10,
      },
      query(
        `sum by (rulescope_cpu_source) (rate(${metric.processTime}${ALL}[${RATE}]))`,
        '{{rulescope_cpu_source}}',
      ),
    ),
    areas(
      {
        title: 'CPU by source in the last window',
        description: 'Cores in the last window of each process.',
        unit: 'none',
        span: 8,
      },
      query(
        `sum by (rulescope_cpu_source) (${metric.processUsage}${ALL})`,
        '{{rulescope_cpu_source}}',
      ),
    ),
    bars(
      {
        title: 'CPU time by source',
        description: 'Seconds in the time range.',
        unit: 's',
        span: 6,
      },
      instantQuery(
        `sum by (rulescope_cpu_source) (increase(${metric.processTime}${ALL}[${RANGE}]))`,
        '{{rulescope_cpu_source}}',
      ),
    ),
  ];
}

/** Returns panels about what rulescope costs and how well it samples. */
export function profiler(metric: MetricNames): Row['panels'] {
  const quantile = (q: number): string =>
    `histogram_quantile(${q}, sum by (le) (rate(${metric.closeDuration}_bucket${ALL}[${RATE}])))`;
  return [
    lines(
      {
        title: 'Time to close a window',
        description: 'The event loop waits for this long, once in each window.',
        unit: 's',
        span: 8,
      },
      query(quantile(0.5), 'median'),
      query(quantile(0.99), '99 %'),
    ),
    lines(
      {
        title: 'Share of the event loop that closing windows takes',
        description: 'Of the event loop of each process.',
        unit: 'percentunit',
        span: 8,
      },
      query(
        `sum by (job, instance) (rate(${metric.closeDuration}_sum${ALL}[${RATE}]))`,
        '{{job}} {{instance}}',
      ),
    ),
    lines(
      {
        title: 'Sampler quality',
        description:
          'Samples divided by the samples expected. Above 1.08 the thread waited for a processor. ' +
          'Below 0.9 samples are not fair.',
        unit: 'none',
        span: 8,
      },
      query(`${metric.samplerQuality}${ALL}`, '{{job}} {{instance}}'),
    ),
    areas(
      {
        title: 'Windows by outcome',
        description: 'Windows per second. Contended: the thread waited for a processor.',
        unit: 'none',
        span: 8,
      },
      query(
        `sum by (rulescope_window_outcome, rulescope_window_contended)` +
          ` (rate(${metric.windows}${ALL}[${RATE}]))`,
        '{{rulescope_window_outcome}}, contended: {{rulescope_window_contended}}',
      ),
    ),
    lines(
      {
        title: 'Dropped windows',
        description: 'Windows per second that a consumer missed because it was slow.',
        unit: 'none',
        span: 8,
      },
      query(
        `sum by (rulescope_consumer_name) (rate(${metric.droppedWindows}${ALL}[${RATE}]))`,
        '{{rulescope_consumer_name}}',
      ),
    ),
    table(
      { title: 'State of the sampler', description: 'Processes in each state.', span: 8 },
      {
        rulescope_sampler_fair: 'fair',
        rulescope_sampler_slice: 'slice',
        rulescope_sampler_context: 'context',
      },
      [
        [
          'processes',
          'none',
          'count by (rulescope_sampler_fair, rulescope_sampler_slice, rulescope_sampler_context)' +
            ` (${metric.samplerInfo}${ALL} == 1)`,
        ],
      ],
    ),
  ];
}
