/** Measures two rules and prints their CPU. `bundled-away.test.ts` runs it in a bundle. */
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';

const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: 3_600_000,
});
const provider = new MeterProvider({ readers: [reader] });
new RuleInstrumentation();
const ruleMetrics = new RuleMetrics({ windowMillis: 100 });
ruleMetrics.setMeterProvider(provider);

/** Returns all values by metric and attribute. */
async function values(): Promise<Record<string, number>> {
  const { resourceMetrics } = await reader.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return Object.fromEntries(
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [
        [descriptor.name, ...Object.values(attributes)].join(' '),
        value as number,
      ]),
    ),
  );
}

async function main(): Promise<void> {
  for (;;) {
    withRule('busy', () => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    });
    await new Promise(setImmediate);
    const now = Object.entries(await values());
    const has = (name: RegExp): boolean => now.some(([key, value]) => name.test(key) && value > 0);
    const measured = has(/^rulescope\.rule\.cpu\.time busy/);
    if (!measured && !has(/^rulescope\.windows failed/)) continue;
    const fair = has(/^rulescope\.sampler\.info true/);
    console.log(JSON.stringify({ measured, fair }));
    break;
  }
  ruleMetrics.disable();
  await provider.shutdown();
}

void main();
