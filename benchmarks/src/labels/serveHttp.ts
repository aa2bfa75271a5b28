import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Variant } from './variants';
import { ruleOfTurn } from './workloads';

/**
 * A message of a service to its parent. The first one has the port. Afterwards the service answers
 * each choice of a variant with its usage until then.
 */
export type ServiceMessage = { readonly port: number } | ServiceUsage;

export interface ServiceUsage {
  readonly cpuMicros: number;
  /**
   * Mean time of an entry since the previous message, in nanoseconds. `undefined` unless the
   * variant times its entries.
   */
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

/** Serves each request in a rule, first with the first variant, until the parent disconnects. */
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
  const report = (message: ServiceMessage): void => void process.send?.(message);
  process.on('message', (index: number) => {
    const entryNanos = variant.takeEntryNanos?.();
    variant = variants[index] ?? variant;
    variant.resume?.();
    const { user, system } = process.cpuUsage();
    report({ cpuMicros: user + system, entryNanos });
  });
  process.once('disconnect', () => process.exit());
  report({ port: (server.address() as AddressInfo).port });
}
