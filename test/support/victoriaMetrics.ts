import { join } from 'node:path';
import { debianFile } from './repository';
import { type PromqlServer, startPromqlServer } from './promql';

/** A real VictoriaMetrics, which receives OTLP/HTTP in protobuf. */
export interface VictoriaMetrics extends PromqlServer {
  /** Where to send metrics by OTLP. */
  readonly otlpUrl: string;
}

/**
 * Starts VictoriaMetrics of Debian on loopback. It gives metrics of OTLP the names that Prometheus
 * would give them. A query finds all that was received before.
 */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  const server = await startPromqlServer({
    command: debianFile('victoria-metrics', 'usr/bin/victoria-metrics'),
    readyPath: '/-/ready',
    beforeQuery: '/internal/force_flush',
    args: (address, directory) => [
      `-httpListenAddr=${address}`,
      `-storageDataPath=${join(directory, 'data')}`,
      '-opentelemetry.usePrometheusNaming',
      '-search.latencyOffset=0s',
      '-search.disableCache',
    ],
  });
  return { ...server, otlpUrl: `${server.url}/opentelemetry/v1/metrics` };
}
