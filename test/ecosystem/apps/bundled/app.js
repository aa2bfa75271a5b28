import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { measureRules } from './measure.cjs';

const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: 3_600_000,
});
const provider = new MeterProvider({ readers: [reader] });
const instrumentation = new RuleInstrumentation();
const ruleMetrics = new RuleMetrics({ windowMillis: 500 });
ruleMetrics.setMeterProvider(provider);

// A bundle in the format of CommonJS has no top-level `await`.
void measureRules(withRule, () => reader.collect()).then(async (figures) => {
  console.log(JSON.stringify(figures));
  ruleMetrics.disable();
  instrumentation.disable();
  await provider.shutdown();
});
