import type { EventEmitter } from 'node:events';
import { HASH, type Pool, type Tell, called, errorOf } from './Pool';

type Listener = (message: string, channel: string) => void;

/** What the tests use of a client of node-redis. */
interface Client extends EventEmitter {
  connect(): Promise<unknown>;
  close(): Promise<void>;
  destroy(): void;
  get(key: string): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  hSet(key: string, fields: object): Promise<number>;
  flushAll(): Promise<unknown>;
  blPop(key: string, seconds: number): Promise<unknown>;
  sendCommand(command: readonly string[]): Promise<unknown>;
  multi(): { incr(key: string): { exec(): Promise<unknown> } };
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string, listener: Listener): Promise<void>;
  unsubscribe(channel: string, listener: Listener): Promise<void>;
  legacy(): { get(key: string, callback: (error: Error | null) => void): void };
}

interface ClientPool extends Omit<Client, 'multi' | 'legacy'> {
  execute<T>(task: (client: Client) => Promise<T>): Promise<T>;
}

interface NodeRedis {
  createClient(options: object): Client;
  createClientPool(options: object, poolOptions: object): ClientPool;
}

export function openRedis(
  { createClient, createClientPool }: NodeRedis,
  port: number,
  own: Tell,
): Pool {
  const options = { socket: { port, host: '127.0.0.1' } };
  const client = createClient({ ...options, disableOfflineQueue: false });
  const subscriber = createClient(options);
  const pool = createClientPool(options, { minimum: 1, maximum: 1 });
  for (const event of ['connect', 'ready', 'reconnecting']) client.on(event, () => own(event));
  for (const each of [client, subscriber, pool]) each.on('error', () => undefined);
  let connection: unknown;
  let breaking: Promise<unknown> | undefined;
  const connect = (): Promise<unknown> =>
    Promise.all([client, subscriber, pool].map((each) => each.connect()));

  return {
    async open() {
      await connect();
      await client.hSet('hash', HASH);
      connection = await client.sendCommand(['CLIENT', 'ID']);
    },
    work: () => client.hGetAll('hash'),

    async callBack(tell) {
      const message = called<void>((done) =>
        // Each rule has a function of its own.
        subscriber.subscribe('news', () => {
          tell('message');
          done(null);
        }),
      );
      await subscriber.subscribe('other', () => undefined);
      await Promise.all([
        client.get('x').then(() => tell('promise')),
        client
          .multi()
          .incr('y')
          .exec()
          .then(() => tell('transaction')),
        client.sendCommand(['NONSENSE']).catch(() => tell('error')),
        called<void>((done) =>
          client.legacy().get('x', (error) => {
            tell('callback');
            done(error);
          }),
        ),
        pool.execute(async (pooled) => {
          tell('task of the pool');
          await pooled.get('x');
          tell('promise of the pool');
        }),
        client.publish('news', 'n'),
      ]);
      await message;
    },

    async breakOff(tell) {
      const broken = client.blPop('never', 0).catch(() => tell('promise of a broken connection'));
      breaking ??= pool.sendCommand(['CLIENT', 'KILL', 'ID', String(connection)]);
      await Promise.all([breaking, broken]);
    },

    async results() {
      await connect();
      await client.flushAll();
      const messages: unknown[] = [];
      const listener: Listener = (...message) => messages.push(message);
      const ended = called<void>((done) => subscriber.subscribe('end', () => done(null)));
      await subscriber.subscribe('news', listener);
      await subscriber.subscribe('news', listener);
      const found = [
        await client.hSet('hash', HASH),
        await client.hGetAll('hash'),
        await client.multi().incr('x').exec(),
        await pool.execute((pooled) => pooled.get('x')),
        await errorOf(client.sendCommand(['NONSENSE'])),
        await client.publish('news', 'n'),
      ];
      await subscriber.unsubscribe('news', listener);
      found.push(await client.publish('news', 'o'), await client.publish('end', ''));
      await ended;
      return [found, messages];
    },

    close: async () => {
      await Promise.all([client.close(), subscriber.close(), pool.close()]);
    },
  };
}
