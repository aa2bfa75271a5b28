import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics } from 'rulescope';

// Without `metricReaders`, the SDK exports by OTLP to where OTEL_EXPORTER_OTLP_* say.
const sdk = new NodeSDK({ instrumentations: [new RuleInstrumentation(), new RuleMetrics()] });
sdk.start();

// The shutdown exports the CPU up to now.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => sdk.shutdown().finally(() => process.exit()));
}
