import { join } from 'node:path';
import { type Running, freePort, run } from './processes';
import { type PromqlServer, startPromqlServer } from './promql';
import { debianFile } from './repository';

/** A real VictoriaMetrics, which receives OTLP/HTTP in protobuf. */
export interface VictoriaMetrics extends PromqlServer {
  /** Where to send metrics by OTLP. */
  readonly otlpUrl: string;
}

/**
 * Starts VictoriaMetrics of Debian on loopback. It gives metrics of OTLP the names that Prometheus
 * would give them. A query finds all that was received before. `flags` are added to its arguments.
 */
export async function startVictoriaMetrics(...flags: readonly string[]): Promise<VictoriaMetrics> {
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
      ...flags,
    ],
  });
  return { ...server, otlpUrl: `${server.url}/opentelemetry/v1/metrics` };
}

/** Starts `vmalert`. It evaluates the rules of a file in `server` every second. */
export async function startVmalert(rules: string, server: VictoriaMetrics): Promise<Running> {
  return run(debianFile('victoria-metrics', 'usr/bin/vmalert'), [
    `-rule=${rules}`,
    `-datasource.url=${server.url}`,
    `-remoteWrite.url=${server.url}`,
    `-httpListenAddr=127.0.0.1:${await freePort()}`,
    '-notifier.blackhole',
    '-evaluationInterval=1s',
    '-rule.evalDelay=0s',
    '-remoteWrite.flushInterval=500ms',
  ]);
}
