import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics } from 'rulescope'; // added

const sdk = new NodeSDK({
  serviceName: 'orders',
  metricReaders: [new PrometheusExporter({ port: Number(process.env.METRICS_PORT ?? 9464) })],
  instrumentations: [new RuleInstrumentation(), new RuleMetrics()], // added
});
sdk.start();
process.once('SIGTERM', () => sdk.shutdown().finally(() => process.exit()));
