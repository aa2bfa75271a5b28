import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { RuleMetrics } from 'rulescope';

/** CPU seconds of the process, as of the last window. */
export interface Figures {
  /** Of the rule, by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** Of the rule, in all stages. */
  readonly rule: number;
  /** Of the process since sampling began, by source. */
  readonly sources: Readonly<Record<string, number>>;
  /** Of the process before sampling began. */
  readonly beforeSampling: number;
  /** Of the process in all, as the kernel counted it. */
  readonly process: number;
}

/**
 * Ends `metrics` and returns their figures. The ledger is complete then: while it is kept, CPU of
 * threads that have just ended is up to three windows late.
 *
 * @param beforeSampling CPU seconds that the process had used when sampling began.
 */
export async function readFigures(
  metrics: RuleMetrics,
  exporter: PrometheusExporter,
  beforeSampling: number,
): Promise<Figures> {
  metrics.disable();
  const { resourceMetrics } = await exporter.collect();
  const stages = valuesOf(resourceMetrics, 'rulescope.rule.cpu.time', 'stage');
  return {
    stages,
    rule: Object.values(stages).reduce((sum, seconds) => sum + seconds, 0),
    sources: valuesOf(resourceMetrics, 'rulescope.process.cpu.time', 'rulescope.cpu.source'),
    beforeSampling,
    process: processCpu(),
  };
}

/** Returns the CPU seconds that the process has used. */
export function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

type Collected = Awaited<ReturnType<PrometheusExporter['collect']>>['resourceMetrics'];

/** Returns the values of a counter by an attribute. */
function valuesOf(
  { scopeMetrics }: Collected,
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
