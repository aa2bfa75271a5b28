import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { context } from '@opentelemetry/api';
import { detach } from '@rulescope/instrumentation';
import type { Scenario } from '../Scenario';
import type { Stage } from '../Stage';

type Callback = () => void;

/** How a pool keeps its own work and the work of its users apart. */
interface Keeping {
  /** Opens the connection, although the first user runs in a rule. */
  open(fn: () => Socket): Socket;
  /** Keeps the callback of a command for its answer. */
  keep(callback: Callback): Callback;
}

/** Rules share a connection that the first of them opens. Answers come in the order of commands. */
async function share(stage: Stage, { open, keep }: Keeping): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const waiting: Callback[] = [];
  let connection: Socket | undefined;
  const connectOnce = (): Socket =>
    (connection ??= open(() =>
      connect(port, '127.0.0.1')
        .once('connect', () => stage.burn())
        .on('data', (answers) => {
          stage.burn();
          for (const _ of answers) waiting.shift()!();
          stage.burn();
        }),
    ));
  const work = (rule: string): Promise<void> =>
    stage.withRule(rule, async () => {
      await new Promise<void>((resolve) => {
        const callback = (): void => {
          stage.burn(rule);
          resolve();
        };
        waiting.push(keep(callback));
        connectOnce().write('.');
      });
      stage.burn(rule);
    });
  await Promise.all(['a', 'b', 'a'].map(work));
  await work('c');
  connection!.destroy();
  server.close();
}

export const pools: readonly Scenario[] = [
  {
    name: 'pooled connection kept by AsyncResource',
    run: (stage) => {
      const pool = new AsyncResource('pool');
      return share(stage, {
        open: (fn) => pool.runInAsyncScope(fn),
        keep: (callback) => AsyncResource.bind(callback),
      });
    },
  },
  {
    name: 'pooled connection kept by detach and context.bind',
    needs: 'otel',
    run: (stage) =>
      share(stage, {
        open: detach,
        keep: (callback) => context.bind(context.active(), callback),
      }),
  },
];
