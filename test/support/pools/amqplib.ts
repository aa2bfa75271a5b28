import type { EventEmitter } from 'node:events';
import { bindRule, detach, getRule } from 'rulescope';
import { type Pool, type Tell, called, errorOf } from './Pool';

type Callback<T = unknown> = (error: Error | null, value?: T) => void;
type Message = { readonly content: Buffer } | null;

interface Channel extends EventEmitter {
  readonly connection: { readonly stream: { destroy(error: Error): void } };
  assertQueue(name: string, options: object): Promise<{ queue: string }>;
  checkQueue(name: string): Promise<unknown>;
  consume(queue: string, consumer: (message: Message) => void, options: object): Promise<unknown>;
  get(queue: string, options: object): Promise<Message>;
  sendToQueue(queue: string, content: Buffer): boolean;
  deleteQueue(queue: string): Promise<unknown>;
  close(): Promise<void>;
}

interface CallbackChannel extends Omit<
  Channel,
  'assertQueue' | 'checkQueue' | 'get' | 'deleteQueue'
> {
  assertQueue(name: string, options: object, callback: Callback<{ queue: string }>): void;
  checkQueue(name: string, callback: Callback): void;
  get(queue: string, options: object, callback: Callback<Message>): void;
  deleteQueue(queue: string, options: object, callback: Callback): void;
  publish(
    exchange: string,
    key: string,
    content: Buffer,
    options: object,
    callback?: Callback,
  ): void;
}

interface Connection extends EventEmitter {
  createChannel(): Promise<Channel>;
  close(): Promise<void>;
}

interface CallbackConnection extends EventEmitter {
  createChannel(callback: Callback<CallbackChannel>): void;
  createConfirmChannel(callback: Callback<CallbackChannel>): void;
  close(callback: Callback): void;
}

interface Amqplib {
  connect(url: string, options?: object): Promise<Connection>;
}

interface CallbackAmqplib {
  connect(url: string, options: object, callback: Callback<CallbackConnection>): void;
}

const MESSAGES = 20;
const CONTENT = Buffer.from(
  JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ i, text: 't' }))),
);
/** How often a consumer parses each message. It works more than the server. */
const PARSES = 20;

export function openAmqplib(
  { connect }: Amqplib,
  port: number,
  own: Tell,
  load: (path: string) => unknown,
): Pool {
  const url = `amqp://127.0.0.1:${port}`;
  const callbackApi = load('./callback_api') as CallbackAmqplib;
  let connection: Connection;
  let channel: Channel;
  let shared: CallbackConnection;
  let channelToBreak: Promise<CallbackChannel> | undefined;
  let breaking: unknown;

  async function open(setup: () => void): Promise<void> {
    connection = await connect(url);
    channel = await connection.createChannel();
    const options = { recovery: { initialDelay: 1, setup } };
    shared = await called<CallbackConnection>((done) => callbackApi.connect(url, options, done));
    shared.on('disconnect', () => own('disconnect'));
    for (const each of [connection, shared]) each.on('error', () => undefined);
  }

  return {
    open: (tell) => open(() => tell('setup')),

    async work() {
      const { queue } = await channel.assertQueue('', { exclusive: true });
      let rest = MESSAGES;
      await called<void>((done) => {
        const consume = (message: Message): void => {
          // The deletion of the queue comes as a message too.
          if (message === null) return;
          for (let i = 0; i < PARSES; i++) JSON.parse(message.content.toString());
          if (--rest === 0) done(null);
        };
        void channel.consume(queue, consume, { noAck: true });
        for (let i = 0; i < MESSAGES; i++) channel.sendToQueue(queue, CONTENT);
      });
      await channel.deleteQueue(queue);
    },

    async callBack(tell) {
      await channel.assertQueue('x', {}).then(() => tell('promise'));
      const call = <T>(name: string, ask: (callback: Callback<T>) => void) =>
        called<T>((done) =>
          ask((error, value) => {
            tell(name);
            done(error, value);
          }),
        );
      const ch = await call<CallbackChannel>('callback of createConfirmChannel', (done) =>
        shared.createConfirmChannel(done),
      );
      ch.on('error', () => undefined);
      const { queue } = await call<{ queue: string }>('callback', (done) =>
        ch.assertQueue('', { autoDelete: true }, done),
      );
      await call('callback of a confirmation', (done) => ch.publish('', queue, CONTENT, {}, done));
      await call('callback of get', (done) => ch.get(queue, { noAck: true }, done));
      const returned = call('return', (done) => ch.on('return', () => done(null)));
      ch.publish('', 'no queue', CONTENT, { mandatory: true });
      await returned;
      const tellHere = bindRule(getRule()!, () => tell('message in the rule of ruleOf'));
      const cancelled = called<void>((done) => {
        const consumer = (message: Message): void => {
          if (getRule() === 'of the message') return tellHere();
          tell(message === null ? 'cancellation' : 'message');
          if (message === null) done(null);
          else ch.deleteQueue(queue, {}, () => tell('callback of deleteQueue'));
        };
        void ch.consume(queue, consumer, { noAck: true });
      });
      const headers = { rule: 'of the message' };
      ch.publish('', queue, CONTENT, { headers }, () => undefined);
      ch.sendToQueue(queue, CONTENT);
      await cancelled;
      await errorOf(call('callback with an error', (done) => ch.checkQueue('no queue', done)));
    },

    async breakOff(tell) {
      // All rules wait for answers on one channel.
      channelToBreak ??= called<CallbackChannel>((done) => shared.createChannel(done));
      const ch = await channelToBreak;
      const broken = called<void>((done) =>
        ch.assertQueue('', { exclusive: true }, (error) => {
          tell('callback of a broken connection');
          done(error === null ? new Error('no error') : null);
        }),
      );
      breaking ??= detach(() =>
        setImmediate(() => ch.connection.stream.destroy(new Error('broken'))),
      );
      await broken;
    },

    async results() {
      await open(() => undefined);
      const messages: unknown[] = [];
      const queue = 'results';
      await channel.assertQueue(queue, {});
      const found: unknown[] = [];
      await called<void>((done) => {
        const consumer = (message: Message): void => {
          messages.push(message?.content.length);
          if (message === null) done(null);
          else if (messages.length === 2) void channel.deleteQueue(queue);
        };
        void channel.consume(queue, consumer, { noAck: true });
        found.push(channel.sendToQueue(queue, CONTENT), channel.sendToQueue(queue, CONTENT));
      });
      const ch = await called<CallbackChannel>((done) => shared.createChannel(done));
      ch.on('error', () => undefined);
      found.push(await called((done) => ch.assertQueue('x', {}, done)));
      found.push(await called((done) => ch.get('x', {}, done)));
      found.push(await errorOf(called((done) => ch.checkQueue('no queue', done))));
      return [found, messages];
    },

    close: () => Promise.all([connection.close(), called((done) => shared.close(done))]),
  };
}
