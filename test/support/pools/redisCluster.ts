import type { EventEmitter } from 'node:events';
import { HASH, KEYS, type Pool, type Tell, called, errorOf } from './Pool';

type Listener = (message: string) => void;

/** What the tests use of a cluster client of node-redis. */
interface Cluster extends EventEmitter {
  connect(): Promise<unknown>;
  close(): Promise<void>;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  hSet(key: string, fields: object): Promise<number>;
  mGet(keys: readonly string[]): Promise<unknown>;
  multi(): { incr(key: string): { exec(): Promise<unknown> } };
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string, listener: Listener): Promise<void>;
}

interface NodeRedis {
  createCluster(options: object): Cluster;
}

export function openRedisCluster({ createCluster }: NodeRedis, port: number, own: Tell): Pool {
  const cluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
  for (const event of ['node-connect', 'node-ready']) cluster.on(event, () => own(event));
  cluster.on('error', () => undefined);

  return {
    async open() {
      await cluster.connect();
      await cluster.hSet('hash', HASH);
      for (const key of KEYS) await cluster.set(key, key);
    },
    work: () => cluster.hGetAll('hash'),

    async callBack(tell) {
      const message = called<void>((done) =>
        cluster.subscribe('news', () => {
          tell('message');
          done(null);
        }),
      );
      await cluster.subscribe('other', () => undefined);
      await Promise.all([
        ...KEYS.map((key) => cluster.get(key).then(() => tell('promise'))),
        cluster
          .multi()
          .incr('y')
          .exec()
          .then(() => tell('transaction')),
        cluster.publish('news', 'n'),
      ]);
      await message;
    },

    // node-redis 6 never answers commands of a broken connection in a cluster that subscribes.
    async breakOff() {},

    async results() {
      await cluster.connect();
      return [
        await cluster.hSet('hash', HASH),
        await cluster.hGetAll('hash'),
        await Promise.all(KEYS.map((key) => cluster.set(key, key))),
        await Promise.all(KEYS.map((key) => cluster.get(key))),
        await errorOf(cluster.mGet(KEYS)),
      ];
    },

    close: () => cluster.close(),
  };
}
