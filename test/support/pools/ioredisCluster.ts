import type { Cluster as Client, Redis as Node } from 'ioredis';
import { HASH, KEYS, type Pool, type Tell, called, errorOf } from './Pool';

interface Ioredis {
  readonly Cluster: typeof Client;
  readonly Redis: typeof Node;
}

export function openIoredisCluster({ Cluster, Redis }: Ioredis, port: number, own: Tell): Pool {
  const host = '127.0.0.1';
  const cluster = new Cluster([{ port, host }], { lazyConnect: true });
  const subscriber = new Cluster([{ port, host }], { lazyConnect: true });
  for (const event of ['connect', 'ready', '+node']) cluster.on(event, () => own(event));
  let breaking: Promise<unknown> | undefined;

  return {
    async open() {
      await cluster.hset('hash', HASH);
      for (const key of KEYS) await cluster.set(key, key);
      await subscriber.subscribe('news');
    },
    work: () => cluster.hgetall('hash'),

    async callBack(tell) {
      await Promise.all([
        ...KEYS.map((key) => cluster.get(key).then(() => tell('promise'))),
        called((done) =>
          cluster.get('x', (error, value) => {
            tell('callback');
            done(error, value);
          }),
        ),
        called((done) =>
          subscriber.once('message', () => {
            tell('message');
            done();
          }),
        ),
        cluster
          .pipeline()
          .get('x')
          .get('x')
          .exec()
          .then(() => tell('pipeline')),
        cluster.publish('news', 'n'),
      ]);
    },

    async breakOff(tell) {
      // The client asks again when the connection is back. Nothing else can use the connection.
      const answer = called((done) =>
        cluster.blpop('list', 0, (error) => {
          tell('callback after a broken connection');
          done(error);
        }),
      );
      breaking ??= Promise.all(
        cluster.nodes().map(async (node) => {
          const other = new Redis({ port: node.options.port!, host });
          await other.call('CLIENT', 'KILL', 'TYPE', 'normal');
          other.disconnect();
        }),
      );
      await breaking;
      await subscriber.rpush('list', 'x');
      await answer;
    },

    results: async () => [
      await cluster.hset('hash', HASH),
      await cluster.hgetall('hash'),
      await Promise.all(KEYS.map((key) => cluster.set(key, key))),
      await Promise.all(KEYS.map((key) => cluster.get(key))),
      await cluster.pipeline().set('x', 1).get('x').exec(),
      await errorOf(cluster.call('nonsense', 'x')),
      await errorOf(cluster.mget(KEYS)),
    ],

    close: async () => {
      await Promise.all([cluster.quit(), subscriber.quit()]);
    },
  };
}
