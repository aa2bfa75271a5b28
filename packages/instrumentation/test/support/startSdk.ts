import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';

/** Starts a `NodeSDK` with its own context manager and propagators. Stop it with `shutdown()`. */
export function startSdk(
  spanProcessors: NonNullable<NodeSDKConfiguration['spanProcessors']>,
): NodeSDK {
  const sdk = new NodeSDK({
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    spanProcessors,
  });
  sdk.start();
  return sdk;
}
