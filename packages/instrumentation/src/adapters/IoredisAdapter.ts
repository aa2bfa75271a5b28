import type { EventEmitter } from 'node:events';
import { bindContext } from './Askers';
import { PoolAdapter } from './PoolAdapter';
import type { AdapterConfig, LibraryFile } from './RuleAdapter';

/** What this adapter needs to know of a command of ioredis. */
interface Command {
  resolve: (...args: unknown[]) => unknown;
  reject: (...args: unknown[]) => unknown;
}

/** What this adapter needs to know of a client of ioredis. */
interface Redis extends EventEmitter {
  readonly stream?: EventEmitter;
  readonly commandQueue?: { peekFront(): { readonly command: Command } | undefined };
}

interface ClassModule<T extends object> {
  readonly default: { readonly prototype: T };
}

const MESSAGES = ['message', 'messageBuffer', 'pmessage', 'pmessageBuffer'];
const SHARD_MESSAGES = ['smessage', 'smessageBuffer'];

/**
 * Gives the work of connections of ioredis to the rules that asked: single servers and clusters,
 * pipelines, transactions. A message of a subscription belongs to the rule that added its listener.
 */
export class IoredisAdapter extends PoolAdapter {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: AdapterConfig = {}) {
    super('ioredis', config, []);
  }

  protected override files(): LibraryFile<never>[] {
    const file = { library: 'ioredis', versions: ['>=5 <7'] };
    return [
      {
        ...file,
        path: 'built/Command.js',
        patch: (command: ClassModule<Command>) => this.patchCommand(command.default.prototype),
      },
      {
        ...file,
        path: 'built/Redis.js',
        patch: (redis: ClassModule<Redis>) => this.patchRedis(redis.default.prototype),
      },
      {
        ...file,
        path: 'built/cluster/index.js',
        patch: (cluster: ClassModule<Redis>) => this.patchClient(cluster.default.prototype),
      },
    ];
  }

  private patchCommand(prototype: Command): void {
    // Called when a command is made, and again when a pipeline is repeated.
    this.around(prototype, 'initPromise', (command, _, initPromise) => {
      initPromise();
      this.askers.remember(command);
      this.askers.run(command, () => {
        command.resolve = bindContext(command.resolve);
        command.reject = bindContext(command.reject);
      });
    });
  }

  private patchRedis(prototype: Redis): void {
    this.patchClient(prototype);
    this.around(prototype, 'setStatus', (redis, [status, ...rest], setStatus) => {
      if (status === 'connect') {
        this.askers.follow(redis.stream, (event) =>
          event === 'data' ? redis.commandQueue?.peekFront()?.command : undefined,
        );
      }
      return setStatus(status, ...rest);
    });
  }

  private patchClient(prototype: Redis): void {
    this.detachMethods(prototype, 'connect');
    this.bindCallbacks(prototype, 'connect');
    this.bindListeners(prototype, ...MESSAGES, ...SHARD_MESSAGES, 'monitor');
  }
}
