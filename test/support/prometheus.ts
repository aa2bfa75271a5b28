import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, run } from './processes';

/** One sample of an instant query. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes one target every second. */
export interface Prometheus {
  readonly url: string;
  /** Returns the instant vector of a PromQL expression. */
  query(expression: string): Promise<Sample[]>;
  /** Returns the value of an expression with exactly one sample, else rejects with the samples. */
  scalar(expression: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts Debian's `prometheus` on loopback. It scrapes `/metrics` of `target`, a host:port. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'rulescope-prometheus-'));
  const config = join(directory, 'prometheus.yml');
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'rulescope', static_configs: [{ targets: [target] }] }],
    }),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = run('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const query = async (expression: string): Promise<Sample[]> => {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const body = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (body.status !== 'success') throw new Error(`${expression}: ${body.error}`);
    return body.data.result.map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  };
  await Promise.race([
    eventually('Prometheus to be ready', async () =>
      (await fetch(`${url}/-/ready`)).ok ? true : undefined,
    ),
    server.ended.then(() => {
      throw new Error(`prometheus ended:\n${server.output()}`);
    }),
  ]);
  return {
    url,
    query,
    scalar: async (expression) => {
      const samples = await query(expression);
      const [only] = samples;
      if (samples.length !== 1 || only === undefined) {
        throw new Error(`${expression} gave ${samples.length} samples: ${JSON.stringify(samples)}`);
      }
      return only.value;
    },
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
