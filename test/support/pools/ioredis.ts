import type { Command, Redis as Client } from 'ioredis';
import { HASH, type Pool, type Tell, addAndRemove, called, errorOf } from './Pool';

interface Ioredis {
  readonly Redis: typeof Client;
  readonly Command: typeof Command;
}

export function openIoredis({ Redis, Command }: Ioredis, port: number, own: Tell): Pool {
  const connect = (options: object = {}): Client =>
    new Redis({ port, host: '127.0.0.1', lazyConnect: true, ...options });
  const redis = connect({ maxRetriesPerRequest: 0 });
  const [subscriber, impatient] = [connect(), connect()];
  for (const event of ['connect', 'ready', 'close']) redis.on(event, () => own(event));
  const tellers: Tell[] = [];
  // ioredis calls it where it parses the answer.
  Command.setReplyTransformer('echo', (reply: string) => {
    tellers[Number(reply)]?.('parsing');
    return reply;
  });
  /** Connects first: the time limit holds for the commands of the handshake too. */
  const limitTime = async (): Promise<void> => {
    await impatient.ping();
    impatient.options.commandTimeout = 10;
  };
  let connection: number | undefined;
  let breaking: Promise<unknown> | undefined;

  return {
    async open(tell) {
      await redis.hset('hash', HASH);
      connection = await redis.client('ID');
      redis.stream.once('data', () => tell('bytes of an answer'));
      await redis.get('x');
      await subscriber.subscribe('news');
      await limitTime();
    },
    work: () => redis.hgetall('hash'),

    async callBack(tell) {
      const call = (ask: (callback: (error?: Error | null) => void) => unknown, name: string) =>
        called((done) =>
          ask((error) => {
            tell(name);
            done(error);
          }),
        );
      await Promise.all([
        redis.echo(String(tellers.push(tell) - 1)),
        redis.get('x').then(() => tell('promise')),
        call((done) => redis.get('x', done), 'callback'),
        call((done) => redis.pipeline().get('x').get('y').exec(done), 'callback of a pipeline'),
        call((done) => redis.multi().get('x').exec(done), 'callback of a transaction'),
        errorOf(call((done) => redis.call('nonsense', done), 'callback with an error')),
        errorOf(call((done) => impatient.blpop('never', 0.1, done), 'callback after a time limit')),
        call((done) => subscriber.once('message', () => done(undefined)), 'message'),
        redis.publish('news', 'n'),
      ]);
    },

    async breakOff(tell) {
      const broken = errorOf(
        called((done) =>
          redis.blpop('never', 0, (error) => {
            tell('callback of a broken connection');
            done(error);
          }),
        ),
      );
      const other = connect();
      breaking ??= other.client('KILL', 'ID', connection!);
      await breaking;
      await broken;
      other.disconnect();
    },

    async results() {
      await limitTime();
      const messages: unknown[] = [];
      await redis.flushall();
      await subscriber.subscribe('news');
      const received = called<void>((done) =>
        subscriber.on('message', (...message) => {
          messages.push(message);
          done(undefined);
        }),
      );
      const found = [
        await redis.hset('hash', HASH),
        await redis.hgetall('hash'),
        await redis.pipeline().set('x', 1).get('x').exec(),
        await redis.multi().incr('x').exec(),
        await errorOf(redis.call('nonsense')),
        await errorOf(impatient.blpop('never', 0.1)),
        await redis.publish('news', 'n'),
        await called((done) => redis.getBuffer('x', done)),
      ];
      await received;
      return [found, messages, addAndRemove(subscriber, 'message')];
    },

    async close() {
      impatient.disconnect();
      await Promise.all([redis.quit(), subscriber.quit()]);
    },
  };
}
