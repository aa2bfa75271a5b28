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
/** Requests per turn. Turns are short, so that noise of the machine affects all variants alike. */
const REQUESTS = 400;
const ROUNDS = 25;
/** Requests until V8 has optimized the entry of a rule, which runs once per request. */
const ENTRIES_WARM_UP = 8_000;

/**
 * Measures HTTP services under autocannon. The variants of all services take turns.
 *
 * @param services The program of each service with its arguments, and the indexes of its variants
 *   in the order of the first round.
 * @returns nanoseconds of CPU per request, for each variant of each service in this order.
 */
export async function compareHttp(
  node: string,
  services: readonly { readonly args: readonly string[]; readonly variants: readonly number[] }[],
): Promise<number[]> {
  const running = await Promise.all(services.map(({ args }) => start(node, args)));
  const participants = running.flatMap((service, i) =>
    (services[i]?.variants ?? []).map((variant) => ({ service, variant })),
  );
  for (const { service, variant } of participants) {
    await service.use(variant);
    await load(service.port, WARM_UP);
  }
  const usedMicros = participants.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < participants.length; i++) {
      const index = (i + round) % participants.length;
      const { service, variant } = participants[index] as (typeof participants)[number];
      const before = await service.use(variant);
      await load(service.port, REQUESTS);
      const after = await service.use(variant);
      usedMicros[index] = (usedMicros[index] ?? 0) + after.cpuMicros - before.cpuMicros;
    }
  }
  await Promise.all(running.map(({ stop }) => stop()));
  return usedMicros.map((micros) => (micros * 1000) / (ROUNDS * REQUESTS));
}

/** Runs a service that times its rule entries. @returns nanoseconds per entry. */
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
  /** Makes `variant` handle all requests from now on. @returns the usage until now. */
  use(variant: number): Promise<ServiceUsage>;
  stop(): Promise<void>;
}

async function start(node: string, [file = '', ...args]: readonly string[]): Promise<Service> {
  const child = fork(file, args, { execPath: nodeBinary(node) });
  const first = await nextMessage(child);
  if (!('port' in first)) throw new Error('the service did not report its port');
  return {
    port: first.port,
    use: async (variant) => {
      const reply = nextMessage(child);
      child.send(variant);
      const message = await reply;
      if (!('cpuMicros' in message)) throw new Error('the service did not report its usage');
      return message;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** Returns the next message of `child`. @throws Error if the child ends first. */
async function nextMessage(child: ChildProcess): Promise<ServiceMessage> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as ServiceMessage),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`the service ended with exit code ${String(code)}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
}

async function load(port: number, amount: number): Promise<void> {
  const autocannon = requirePeer<(options: object) => Promise<Result>>('autocannon');
  const url = `http://127.0.0.1:${port}`;
  const { non2xx, errors } = await autocannon({
    url,
    connections: CONNECTIONS,
    amount,
    // autocannon checks at this interval, in milliseconds, whether it is done.
    sampleInt: 10,
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of ${amount} requests failed`);
}
