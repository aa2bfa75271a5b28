import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, run } from './processes';

/** One sample of an instant query. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A server in a process of its own that answers PromQL. */
export interface PromqlServer {
  readonly url: string;
  /** Returns the instant vector of a PromQL expression. */
  query(expression: string): Promise<Sample[]>;
  /** Returns the value of an expression with exactly one sample, else rejects with the samples. */
  scalar(expression: string): Promise<number>;
  stop(): Promise<void>;
}

interface ServerOptions {
  /** Name or path of the program. */
  readonly command: string;
  /** Returns its arguments. `directory` is empty and deleted at the end. */
  args(address: string, directory: string): readonly string[] | Promise<readonly string[]>;
  /** Path that answers when the server is ready. */
  readonly readyPath: string;
  /** Path to request before each query. */
  readonly beforeQuery?: string;
}

/** Starts a server on a free port of loopback, with an empty directory for its data. */
export async function startPromqlServer(options: ServerOptions): Promise<PromqlServer> {
  const { command, readyPath, beforeQuery } = options;
  const directory = await mkdtemp(join(tmpdir(), 'rulescope-backend-'));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const server = run(command, await options.args(address, directory));
  const query = async (expression: string): Promise<Sample[]> => {
    if (beforeQuery !== undefined) await fetch(url + beforeQuery);
    // VictoriaMetrics would take the begin of this second as the time of the query.
    const parameters = new URLSearchParams({ query: expression, time: `${Date.now() / 1000}` });
    const response = await fetch(`${url}/api/v1/query?${parameters}`);
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
    eventually(`${command} to be ready`, async () =>
      (await fetch(url + readyPath)).ok ? true : undefined,
    ),
    server.ended.then(() => {
      throw new Error(`${command} ended:\n${server.output()}`);
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

/** Returns the values of an instant vector by rule. */
export async function byRuleOf(
  server: PromqlServer,
  expression: string,
): Promise<Record<string, number>> {
  const samples = await server.query(expression);
  return Object.fromEntries(
    samples.map(({ labels, value }) => [labels['rulescope_rule_id']!, value]),
  );
}
