import type { EventEmitter } from 'node:events';
import { bindContext } from './Askers';
import { PoolAdapter } from './PoolAdapter';
import type { AdapterConfig, LibraryFile } from './RuleAdapter';

type Callback = (...args: unknown[]) => unknown;

/** What this adapter needs to know of a command of mysql2. */
interface Command {
  /** Called with each packet of the answer. */
  execute: Callback;
  onResult?: Callback | undefined;
}

/** What this adapter needs to know of a connection of mysql2. */
interface Connection {
  readonly _command: Command | null;
  readonly stream?: EventEmitter;
}

interface Class<T extends object> {
  readonly prototype: T;
}

/**
 * Gives the work of connections of mysql2 to the rules that asked: connections and pools, callbacks,
 * promises, events and streams of a query.
 */
export class Mysql2Adapter extends PoolAdapter {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: AdapterConfig = {}) {
    super('mysql2', config, []);
  }

  protected override files(): LibraryFile<never>[] {
    const patchConnection = ({ prototype }: Class<Connection>): void => {
      if (Object.hasOwn(prototype, 'addCommand')) this.patchConnection(prototype);
    };
    const patchPool = ({ prototype }: Class<object>): void => {
      if (Object.hasOwn(prototype, 'getConnection')) this.patchPool(prototype);
    };
    const patchEntry = (entry: { default?: object }): void => {
      // An ES module that imports the package gets all exports as the default too.
      for (const each of entry.default === undefined ? [entry] : [entry, entry.default]) {
        this.detachMethods(each, ...['createConnection', 'connect'].filter((name) => name in each));
      }
    };
    const file = { library: 'mysql2', versions: ['>=3 <4'] };
    return [
      { ...file, patch: patchEntry },
      { ...file, path: 'promise.js', patch: patchEntry },
      // Early versions have the classes in `lib`.
      { ...file, path: 'lib/connection.js', patch: patchConnection },
      { ...file, path: 'lib/base/connection.js', patch: patchConnection },
      { ...file, path: 'lib/pool.js', patch: patchPool },
      { ...file, path: 'lib/base/pool.js', patch: patchPool },
    ];
  }

  private patchConnection(prototype: Connection): void {
    this.around(prototype, 'addCommand', (connection, args, addCommand) => {
      const command = args[0] as Command;
      if (this.askers.remember(command)) {
        command.execute = bindContext(command.execute);
        // A connection that breaks calls it for all commands at once.
        command.onResult &&= bindContext(command.onResult);
      }
      this.followStream(connection);
      return addCommand(...args);
    });
    this.around(prototype, 'startTLS', (connection, args, startTLS) => {
      startTLS(...args);
      this.followStream(connection);
    });
  }

  private followStream(connection: Connection): void {
    this.askers.follow(connection.stream, (event) =>
      event === 'data' ? connection._command : undefined,
    );
  }

  private patchPool(prototype: object): void {
    this.detachMethods(prototype, 'getConnection');
    this.bindCallbacks(prototype, 'getConnection', 'end');
    const removeIdle = '_removeIdleTimeoutConnections';
    if (removeIdle in prototype) this.detachMethods(prototype, removeIdle);
  }
}
