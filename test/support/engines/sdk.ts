/** Starts OpenTelemetry with rulescope, for an application that is not changed. Preload it. */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics } from 'rulescope';
import { ruleAdapters } from 'rulescope/adapters';

new NodeSDK({
  instrumentations: [
    new RuleInstrumentation(),
    new RuleMetrics({ windowMillis: 500 }),
    ...ruleAdapters(),
  ],
}).start();
