import { wrapMethod } from '../wrapMethod';
import { bindContext } from './Askers';
import { PoolAdapter } from './PoolAdapter';
import type { AdapterConfig, LibraryFile } from './RuleAdapter';

/** What this adapter needs to know of the queue of a client: it parses the answers. */
interface Queue {
  readonly decoder?: { write(chunk: Buffer): void };
}

/** What this adapter needs to know of the subscriptions of a client. */
interface PubSub {
  subscribe(type: string, channels: Channels, listener: Listener, ...rest: unknown[]): unknown;
  unsubscribe(type: string, channels?: Channels, listener?: Listener, ...rest: unknown[]): unknown;
  /** Gets the kind of the message first, then the channel or pattern. */
  handleMessageReply(reply: readonly unknown[]): unknown;
}
type Channels = string | readonly string[];

interface ClassModule<T extends object = object> {
  readonly default: { readonly prototype: T };
}

type Listener = (...args: unknown[]) => unknown;
/** Listeners of a channel or pattern, and the same bound to the rules that subscribed. */
type Listeners = Map<Listener, Listener>;

/** Types of subscriptions by the kinds of their messages. */
const TYPES = new Map([
  ['message', 'CHANNELS'],
  ['pmessage', 'PATTERNS'],
  ['smessage', 'SHARDED'],
]);

/**
 * Gives the work of connections of node-redis (`redis`, `@redis/client`) to the rules that asked:
 * clients, pools, transactions. A message belongs to the rule that subscribed.
 */
export class RedisAdapter extends PoolAdapter {
  /** Commands without an answer, by queue, in the order of their answers. */
  private readonly waiting = new WeakMap<Queue, Set<object>>();
  /** By type and name of the channel or pattern. */
  private readonly subscriptions = new WeakMap<PubSub, Map<string, Listeners>>();
  /** Listeners of the message that a client hands out now. */
  private receivers: Listeners | undefined;
  /** The functions that a client gets, by listener. */
  private readonly placeholders = new WeakMap<Listener, Listener>();

  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: AdapterConfig = {}) {
    super('redis', config, []);
  }

  protected override files(): LibraryFile<never>[] {
    const file = { library: '@redis/client', versions: ['>=5 <7'] };
    return [
      {
        ...file,
        path: 'dist/lib/client/commands-queue.js',
        patch: (queue: ClassModule<Queue>) => this.patchQueue(queue.default.prototype),
      },
      {
        ...file,
        path: 'dist/lib/client/socket.js',
        patch: (socket: ClassModule) => this.detachMethods(socket.default.prototype, 'connect'),
      },
      {
        ...file,
        path: 'dist/lib/client/pool.js',
        patch: ({ RedisClientPool }: { RedisClientPool: { prototype: object } }) =>
          this.bindCallbacks(RedisClientPool.prototype, 'execute'),
      },
      {
        ...file,
        path: 'dist/lib/client/pub-sub.js',
        patch: ({ PubSub }: { PubSub: { prototype: PubSub } }) =>
          this.patchPubSub(PubSub.prototype),
      },
    ];
  }

  private patchQueue(prototype: Queue): void {
    this.around(prototype, 'addCommand', (queue, args, addCommand) => {
      const answer = addCommand(...args) as Promise<unknown>;
      const waiting = this.commandsOf(queue);
      this.askers.remember(answer);
      waiting.add(answer);
      // Returned, so that an error which nobody handles is still one.
      return answer.finally(() => waiting.delete(answer));
    });
  }

  private commandsOf(queue: Queue): Set<object> {
    const known = this.waiting.get(queue);
    if (known !== undefined) return known;
    const commands = new Set<object>();
    this.waiting.set(queue, commands);
    if (typeof queue.decoder?.write === 'function') {
      wrapMethod(queue.decoder, 'write', () => (write) => {
        const [oldest] = commands;
        return this.askers.run(oldest, write);
      });
    }
    return commands;
  }

  /** Works also while the adapter is off: a client must know a listener by the same function. */
  private patchPubSub(prototype: PubSub): void {
    wrapMethod(prototype, 'subscribe', () => (call, self, [type, channels, listener, ...rest]) => {
      if (typeof listener !== 'function') return call();
      this.subscribed(self, keysOf(type, channels), listener);
      return call([type, channels, this.placeholderOf(listener), ...rest]);
    });
    wrapMethod(
      prototype,
      'unsubscribe',
      () =>
        (call, self, [type, channels, listener, ...rest]) => {
          this.unsubscribed(self, type, channels, listener);
          return call([
            type,
            channels,
            listener && (this.placeholders.get(listener) ?? listener),
            ...rest,
          ]);
        },
    );
    wrapMethod(prototype, 'handleMessageReply', () => (call, self, [[kind, channel]]) => {
      const type = TYPES.get(String(kind));
      const key = type === undefined ? '' : keyOf(type, channel);
      this.receivers = this.subscriptions.get(self)?.get(key);
      return call();
    });
  }

  private subscribed(self: PubSub, keys: readonly string[], listener: Listener): void {
    const subscriptions = this.subscriptions.get(self) ?? new Map<string, Listeners>();
    this.subscriptions.set(self, subscriptions);
    for (const key of keys) {
      const listeners = subscriptions.get(key) ?? new Map<Listener, Listener>();
      subscriptions.set(key, listeners);
      // A client calls a listener once for each message, however often it subscribed.
      if (!listeners.has(listener)) listeners.set(listener, this.bind(listener));
    }
  }

  private unsubscribed(self: PubSub, type: string, channels?: Channels, listener?: Listener): void {
    const subscriptions = this.subscriptions.get(self) ?? new Map<string, Listeners>();
    const keys = channels
      ? keysOf(type, channels)
      : [...subscriptions.keys()].filter((key) => key.startsWith(keyOf(type, '')));
    for (const key of keys) {
      const listeners = subscriptions.get(key);
      if (listener) listeners?.delete(listener);
      if (!listener || listeners?.size === 0) subscriptions.delete(key);
    }
  }

  private bind(listener: Listener): Listener {
    return this.isOn ? bindContext(listener) : listener;
  }

  private placeholderOf(listener: Listener): Listener {
    const known = this.placeholders.get(listener);
    if (known !== undefined) return known;
    // A cluster moves its subscriptions to other clients.
    const moved = this.bind(listener);
    const placeholder: Listener = (...args) => (this.receivers?.get(listener) ?? moved)(...args);
    this.placeholders.set(listener, placeholder);
    return placeholder;
  }
}

function keyOf(type: string, channel: unknown): string {
  return `${type} ${String(channel)}`;
}

function keysOf(type: string, channels: Channels): string[] {
  return [channels].flat().map((channel) => keyOf(type, channel));
}
