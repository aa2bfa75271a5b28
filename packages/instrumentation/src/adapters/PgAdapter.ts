import type { EventEmitter } from 'node:events';
import { detach } from '../detach';
import { bindContext } from './Askers';
import { PoolAdapter } from './PoolAdapter';
import type { AdapterConfig, LibraryFile } from './RuleAdapter';

/** What this adapter needs to know of a query of pg, or of a cursor. */
interface Query {
  handleError(...args: unknown[]): unknown;
}

/** Exports of pg-pool: a class, or an object that has it if an ES module imports the package. */
interface PoolClass {
  readonly prototype: object;
  readonly default?: PoolClass;
}

/** What this adapter needs to know of a client of pg. */
interface Client extends EventEmitter {
  readonly connection: EventEmitter & { readonly stream?: EventEmitter };
  readonly pipeline?: boolean;
  readonly _activeQuery?: Query | null;
  readonly _queryQueue?: Query[];
  // Names before pg 8.17.
  readonly activeQuery?: Query | null;
  readonly queryQueue: Query[];
}

/**
 * Gives the work of connections of pg to the rules that asked: clients and pools, callbacks,
 * promises, query objects and cursors. Does not change `pg.native`.
 */
export class PgAdapter extends PoolAdapter {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: AdapterConfig = {}) {
    super('pg', config, []);
  }

  protected override files(): LibraryFile<never>[] {
    return [
      {
        library: 'pg',
        versions: ['>=8 <9'],
        path: 'lib/client.js',
        patch: (client: { prototype: Client }) => this.patchClient(client.prototype),
      },
      {
        library: 'pg-pool',
        versions: ['>=3 <4'],
        patch: (pool: PoolClass) => {
          const { prototype } = pool.default ?? pool;
          this.detachMethods(prototype, 'newClient', '_release');
          this.bindCallbacks(prototype, 'connect', 'end');
        },
      },
    ];
  }

  private patchClient(prototype: Client): void {
    this.around(prototype, 'connect', (client, [callback], connect) => {
      const connected = detach(() => connect(bindContext(callback)));
      this.followConnection(client);
      return connected;
    });
    // Called for each query that was made, and when the connection is free for the next one.
    this.around(prototype, '_pulseQueryQueue', (client, _, pulse) => {
      const queue = client._queryQueue ?? client.queryQueue;
      const [next] = queue;
      const newest = queue.at(-1);
      if (newest !== undefined && this.askers.remember(newest)) {
        // A connection that breaks calls it for all queries at once.
        newest.handleError = bindContext(newest.handleError);
      }
      return this.askers.run(next, pulse);
    });
    this.bindCallbacks(prototype, 'end');
    this.bindListeners(prototype, 'notification');
  }

  private followConnection(client: Client): void {
    const { connection, pipeline } = client;
    const active = (): Query | null | undefined =>
      '_activeQuery' in client ? client._activeQuery : client.activeQuery;
    const followStream = (): void =>
      this.askers.follow(connection.stream, (event) => (event === 'data' ? active() : undefined));
    followStream();
    // TLS replaces the stream.
    connection.once('sslconnect', followStream);
    // Without a pipeline, the bytes that arrive at once answer one query.
    if (pipeline === true) this.askers.follow(connection, active);
  }
}
