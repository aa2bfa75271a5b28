import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, run } from './processes';
import { debianFile } from './repository';

/**
 * Starts VictoriaMetrics' agent on loopback. It receives OTLP at `otlpUrl`, scrapes `target` every
 * second, and writes all of it to the Prometheus at `prometheusUrl` by remote write.
 */
export async function startVmagent(
  prometheusUrl: string,
  target: string,
): Promise<{ readonly otlpUrl: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'rulescope-vmagent-'));
  const config = join(directory, 'scrape.yml');
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'rulescope', static_configs: [{ targets: [target] }] }],
    }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const agent = run(debianFile('victoria-metrics', 'usr/bin/vmagent'), [
    `-httpListenAddr=${address}`,
    `-promscrape.config=${config}`,
    `-remoteWrite.url=${prometheusUrl}/api/v1/write`,
    '-remoteWrite.forcePromProto',
    `-remoteWrite.tmpDataPath=${join(directory, 'data')}`,
    '-opentelemetry.usePrometheusNaming',
  ]);
  await eventually('vmagent to be ready', async () =>
    (await fetch(`http://${address}/-/ready`)).ok ? true : undefined,
  );
  return {
    otlpUrl: `http://${address}/opentelemetry/v1/metrics`,
    stop: async () => {
      await agent.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
