import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Variant } from './variants';
import { ruleOfTurn } from './workloads';

/**
 * What a service tells its parent: where it is at first, then, whenever it is told which of its variants is to handle the requests
 * from now on, what it has used so far.
 */
export type ServiceMessage = { readonly port: number } | ServiceUsage;

export interface ServiceUsage {
  readonly cpuMicros: number;
  /** Of the variant until then, if it times its entries: nanoseconds per entry since it was last asked. */
  readonly entryNanos: number | undefined;
}

const DOCUMENT = JSON.stringify(
  Array.from({ length: 150 }, (_, id) => ({
    id,
    name: `item ${id}`,
    tags: ['a', 'b'],
    price: 1.5,
  })),
);

/** A service whose requests are handled in rules, until the parent hangs up. At first by the first of the variants. */
export async function serveHttp(variants: readonly [Variant, ...Variant[]]): Promise<void> {
  let [variant] = variants;
  let turn = 0;
  const server = createServer((_, response) => {
    const { id, target } = ruleOfTurn(turn++);
    void variant.enter(id, target, async () => {
      await Promise.resolve();
      const items = JSON.parse(DOCUMENT) as { price: number }[];
      await Promise.resolve();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(items.filter(({ price }) => price > 1)));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const tell = (message: ServiceMessage): void => void process.send?.(message);
  process.on('message', (index: number) => {
    const entryNanos = variant.takeEntryNanos?.();
    variant = variants[index] ?? variant;
    variant.resume?.();
    const { user, system } = process.cpuUsage();
    tell({ cpuMicros: user + system, entryNanos });
  });
  process.once('disconnect', () => process.exit());
  tell({ port: (server.address() as AddressInfo).port });
}
