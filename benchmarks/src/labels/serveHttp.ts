import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Calls `handle` in the rule of the request number `turn`. */
type Enter = (turn: number, handle: () => Promise<void>) => Promise<void>;

const WARM_UP = 3_000;
const REQUESTS = 50_000;

const DOCUMENT = JSON.stringify(
  Array.from({ length: 150 }, (_, id) => ({
    id,
    name: `item ${id}`,
    tags: ['a', 'b'],
    price: 1.5,
  })),
);

/** A service under autocannon, which runs in a process of its own. @returns nanoseconds of CPU of the service per request. */
export async function serveHttp(enter: Enter): Promise<number> {
  let turn = 0;
  const server = createServer((_, response) => {
    void enter(turn++, async () => {
      await Promise.resolve();
      const items = JSON.parse(DOCUMENT) as { price: number }[];
      await Promise.resolve();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(items.filter(({ price }) => price > 1)));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await load(port, WARM_UP);
  const before = process.cpuUsage();
  await load(port, REQUESTS);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / REQUESTS;
}

async function load(port: number, requests: number): Promise<void> {
  const client = fork(join(__dirname, 'autocannon.js'), [String(port), String(requests)]);
  const [code] = (await once(client, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`autocannon failed with ${code}`);
}
