import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PromqlServer, startPromqlServer } from './promql';

/** A real Prometheus. */
export type Prometheus = PromqlServer;

/**
 * Starts Debian's `prometheus` on loopback. It scrapes `/metrics` of each target, a host:port, every
 * second, and takes remote write.
 */
export function startPrometheus(...targets: readonly string[]): Promise<Prometheus> {
  return startPrometheusWith({
    scrape_configs: [{ job_name: 'rulescope', static_configs: [{ targets }] }],
  });
}

/** Starts it with a configuration. It scrapes and evaluates its rules every second. */
export function startPrometheusWith(
  config: Readonly<Record<string, unknown>>,
): Promise<Prometheus> {
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  return startPromqlServer({
    command: 'prometheus',
    readyPath: '/-/ready',
    args: async (address, directory) => {
      const file = join(directory, 'prometheus.yml');
      await writeFile(file, JSON.stringify({ global, ...config }));
      return [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        '--web.enable-remote-write-receiver',
      ];
    },
  });
}
