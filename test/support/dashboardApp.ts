/**
 * A process of a fleet. The environment configures the SDK: it exports by OTLP and to Prometheus.
 * With the argument `unfair` its samples are not fair.
 */
import { metrics } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';

const sdk = new NodeSDK({
  instrumentations: [
    new RuleInstrumentation(),
    new RuleMetrics({
      windowMillis: 500,
      // There is no quality for fewer than 50 expected samples.
      samplingIntervalMicros: 1_009,
      fairSampling: process.argv[2] !== 'unfair',
      metrics: { functions: true },
    }),
  ],
});
sdk.start();

// As `@opentelemetry/host-metrics` counts it.
const cpuTime = metrics.getMeter('host').createObservableCounter('process.cpu.time', { unit: 's' });
cpuTime.addCallback((result) => {
  const { user, system } = process.cpuUsage();
  result.observe(user / 1e6, { 'process.cpu.state': 'user' });
  result.observe(system / 1e6, { 'process.cpu.state': 'system' });
});

/** Uses the CPU for some milliseconds. */
function spin(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

withRule('prices', () => setInterval(() => spin(12), 100));
withRule('orders', () => setInterval(() => spin(6), 100));
setInterval(() => spin(3), 100);
