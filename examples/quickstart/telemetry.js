import { isMainThread } from 'node:worker_threads';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics } from 'rulescope'; // added

const rules = new RuleInstrumentation(); // added
// A file that --import loads runs in each worker too, where the port is taken.
if (isMainThread) {
  const sdk = new NodeSDK({
    serviceName: 'orders',
    metricReaders: [new PrometheusExporter({ port: Number(process.env.METRICS_PORT ?? 9464) })],
    instrumentations: [rules, new RuleMetrics()], // added
  });
  sdk.start();
  process.once('SIGTERM', () => sdk.shutdown().finally(() => process.exit()));
}
