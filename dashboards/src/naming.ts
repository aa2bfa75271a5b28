/** Who gives the metrics their Prometheus names. */
export type Style = 'prometheus' | 'otlp';

/**
 * `prometheus`: `@opentelemetry/exporter-prometheus` does, without units. `otlp`: a backend that
 * receives OTLP does, with units: Prometheus, Mimir, Grafana Cloud, VictoriaMetrics.
 */
export const STYLES: readonly Style[] = ['prometheus', 'otlp'];

/** Each metric: its name in OpenTelemetry, its kind, and its unit as a word of Prometheus. */
const METRICS = {
  ruleTime: ['rulescope.rule.cpu.time', 'counter', 'seconds'],
  ruleUsage: ['rulescope.rule.cpu.usage', 'gauge', ''],
  ruleSamples: ['rulescope.rule.cpu.samples', 'counter', ''],
  ruleVariance: ['rulescope.rule.cpu.variance', 'counter', 's2'],
  ruleError: ['rulescope.rule.cpu.standard_error', 'gauge', ''],
  functionTime: ['rulescope.rule.function.cpu.time', 'counter', 'seconds'],
  functionCumulativeTime: ['rulescope.rule.function.cpu.cumulative_time', 'counter', 'seconds'],
  processTime: ['rulescope.process.cpu.time', 'counter', 'seconds'],
  processUsage: ['rulescope.process.cpu.usage', 'gauge', ''],
  windows: ['rulescope.windows', 'counter', ''],
  closeDuration: ['rulescope.window.close.duration', 'histogram', 'seconds'],
  droppedWindows: ['rulescope.consumer.dropped_windows', 'counter', ''],
  samplerQuality: ['rulescope.sampler.quality', 'gauge', 'ratio'],
  samplerInfo: ['rulescope.sampler.info', 'gauge', ''],
  /** Of `@opentelemetry/host-metrics`: the CPU that the operating system counts. */
  hostProcessTime: ['process.cpu.time', 'counter', 'seconds'],
} as const;

/** The Prometheus name of each metric. A histogram has the suffixes `_bucket`, `_sum`, `_count`. */
export type MetricNames = Readonly<Record<keyof typeof METRICS, string>>;

/** Returns the Prometheus names of all metrics. */
export function metricNames(style: Style): MetricNames {
  const named = Object.entries(METRICS).map(([key, [name, kind, unit]]) => {
    const words = name.replaceAll('.', '_').split('_');
    if (style === 'otlp' && unit !== '') words.push(unit);
    if (kind === 'counter') words.push('total');
    return [key, words.join('_')];
  });
  return Object.fromEntries(named) as MetricNames;
}
