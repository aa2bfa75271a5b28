import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { nodeBinary } from '../nodes';
import { requirePeer } from '../subjects/requirePeer';
import type { ServiceMessage, ServiceUsage } from './serveHttp';

interface Result {
  readonly non2xx: number;
  readonly errors: number;
}

const CONNECTIONS = 10;
const WARM_UP = 3_000;
/** So many requests, then it is the other one's turn: what the machine does meanwhile disturbs both alike. */
const REQUESTS = 400;
const ROUNDS = 25;
/** Until the code of an entry, which runs once in a request, is as fast as it gets. */
const ENTRIES_WARM_UP = 8_000;

/**
 * Services under autocannon, which take turns; of one that has several variants, those do.
 *
 * @param services The program of each, with its arguments, and which of its variants, in the order in which they come first.
 * @returns nanoseconds of CPU per request of each variant of each service, in that order.
 */
export async function compareHttp(
  node: string,
  services: readonly { readonly args: readonly string[]; readonly variants: readonly number[] }[],
): Promise<number[]> {
  const running = await Promise.all(services.map(({ args }) => start(node, args)));
  const takers = running.flatMap((service, i) =>
    (services[i]?.variants ?? []).map((variant) => ({ service, variant })),
  );
  for (const { service, variant } of takers) {
    await service.use(variant);
    await load(service.port, WARM_UP);
  }
  const used = takers.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < takers.length; i++) {
      const index = (i + round) % takers.length;
      const { service, variant } = takers[index] as (typeof takers)[number];
      const before = await service.use(variant);
      await load(service.port, REQUESTS);
      const after = await service.use(variant);
      used[index] = (used[index] ?? 0) + after.cpuMicros - before.cpuMicros;
    }
  }
  await Promise.all(running.map(({ stop }) => stop()));
  return used.map((micros) => (micros * 1000) / (ROUNDS * REQUESTS));
}

/** @returns nanoseconds per entry of a service that times them. */
export async function timeHttp(node: string, args: readonly string[]): Promise<number> {
  const service = await start(node, args);
  await load(service.port, ENTRIES_WARM_UP);
  await service.use(0);
  await load(service.port, REQUESTS * ROUNDS);
  const { entryNanos = NaN } = await service.use(0);
  await service.stop();
  return entryNanos;
}

interface Service {
  readonly port: number;
  /** Has the variant handle what comes from now on. @returns what was used so far. */
  use(variant: number): Promise<ServiceUsage>;
  stop(): Promise<void>;
}

async function start(node: string, [file = '', ...args]: readonly string[]): Promise<Service> {
  const child = fork(file, args, { execPath: nodeBinary(node) });
  const said = await hear(child);
  if (!('port' in said)) throw new Error('the service did not say where it is');
  return {
    port: said.port,
    use: async (variant) => {
      const answer = hear(child);
      child.send(variant);
      const message = await answer;
      if (!('cpuMicros' in message)) throw new Error('the service did not say what it has used');
      return message;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** The next message. @throws Error when the child ends without one. */
async function hear(child: ChildProcess): Promise<ServiceMessage> {
  const listening = new AbortController();
  const { signal } = listening;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as ServiceMessage),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`the service ended with ${String(code)}`);
      }),
    ]);
  } finally {
    listening.abort();
  }
}

async function load(port: number, amount: number): Promise<void> {
  const autocannon = requirePeer<(options: object) => Promise<Result>>('autocannon');
  const url = `http://127.0.0.1:${port}`;
  const { non2xx, errors } = await autocannon({
    url,
    connections: CONNECTIONS,
    amount,
    // It looks only so often whether it is done, milliseconds.
    sampleInt: 10,
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of ${amount} requests failed`);
}
