import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

/** CPU seconds of the process, as of the last window. */
export interface Figures {
  /** Of the rule, by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** Of the rule, in all stages. */
  readonly rule: number;
  /** Of the process, by source. Their sum is what the process used. */
  readonly sources: Readonly<Record<string, number>>;
  /** What the kernel counted. */
  readonly process: number;
}

/** Closes the window under way and returns the figures of the metrics. */
export async function readFigures(exporter: PrometheusExporter): Promise<Figures> {
  const { resourceMetrics } = await exporter.collect();
  const { user, system } = process.cpuUsage();
  const stages = valuesOf(resourceMetrics, 'rulescope.rule.cpu.time', 'stage');
  return {
    stages,
    rule: Object.values(stages).reduce((sum, seconds) => sum + seconds, 0),
    sources: valuesOf(resourceMetrics, 'rulescope.process.cpu.time', 'rulescope.cpu.source'),
    process: (user + system) / 1e6,
  };
}

type Metrics = Awaited<ReturnType<PrometheusExporter['collect']>>['resourceMetrics'];

/** Returns the values of a counter by an attribute. */
function valuesOf(
  { scopeMetrics }: Metrics,
  name: string,
  attribute: string,
): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
    if (descriptor.name !== name) continue;
    for (const { attributes, value } of dataPoints) {
      const key = String(attributes[attribute] ?? 'none');
      values[key] = (values[key] ?? 0) + Number(value);
    }
  }
  return values;
}
