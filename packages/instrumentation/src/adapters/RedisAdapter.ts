import { wrapMethod } from '../wrapMethod';
import { bindContext } from './Askers';
import { PoolAdapter } from './PoolAdapter';
import type { AdapterConfig, LibraryFile } from './RuleAdapter';

/** What this adapter needs to know of the queue of a client: it parses the answers. */
interface Queue {
  readonly decoder?: { write(chunk: Buffer): void };
}

interface PubSub {
  unsubscribe(...args: unknown[]): unknown;
}

interface ClassModule<T extends object = object> {
  readonly default: { readonly prototype: T };
}

type Listener = (...args: unknown[]) => unknown;

/**
 * Gives the work of connections of node-redis (`redis`, `@redis/client`) to the rules that asked:
 * clients, pools, transactions. A message belongs to the rule that subscribed.
 */
export class RedisAdapter extends PoolAdapter {
  /** Commands without an answer, by queue, in the order of their answers. */
  private readonly waiting = new WeakMap<Queue, Set<object>>();
  /** What takes the place of the listeners of a subscription. */
  private readonly bound = new WeakMap<object, WeakMap<Listener, Listener>>();

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

  private patchPubSub(prototype: PubSub): void {
    this.around(prototype, 'subscribe', (pubSub, [type, channels, listener, ...rest], call) =>
      call(type, channels, this.boundListener(pubSub, listener as Listener), ...rest),
    );
    // Also while the adapter is off: the listener may have been added before.
    wrapMethod(
      prototype,
      'unsubscribe',
      () =>
        (call, pubSub, [type, channels, listener, ...rest]) =>
          call([
            type,
            channels,
            this.bound.get(pubSub)?.get(listener as Listener) ?? listener,
            ...rest,
          ]),
    );
  }

  /** A client calls a listener that is added twice once, so it has one place holder. */
  private boundListener(pubSub: object, listener: Listener): Listener {
    if (typeof listener !== 'function') return listener;
    const ofClient = this.bound.get(pubSub) ?? new WeakMap<Listener, Listener>();
    this.bound.set(pubSub, ofClient);
    const bound = ofClient.get(listener) ?? bindContext(listener);
    ofClient.set(listener, bound);
    return bound;
  }
}
