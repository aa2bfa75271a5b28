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
  return startPromqlServer({
    command: 'prometheus',
    readyPath: '/-/ready',
    args: async (address, directory) => {
      const config = join(directory, 'prometheus.yml');
      await writeFile(
        config,
        JSON.stringify({
          global: { scrape_interval: '1s', scrape_timeout: '1s' },
          scrape_configs: [{ job_name: 'rulescope', static_configs: [{ targets }] }],
        }),
      );
      return [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        '--web.enable-remote-write-receiver',
      ];
    },
  });
}
