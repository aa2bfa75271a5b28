import type { EventEmitter } from 'node:events';
import { type Pool, type Tell, addAndRemove, called, errorOf } from './Pool';

interface Result {
  readonly rows: readonly Record<string, unknown>[];
}
type Callback<T = Result> = (error?: Error | null, value?: T) => void;

interface Queryable extends EventEmitter {
  query(query: string | object, values?: unknown[]): Promise<Result>;
  query(query: string | object, callback: Callback): void;
}

interface Client extends Queryable {
  readonly connection: { readonly stream: EventEmitter };
  connect(): Promise<void>;
  release(): void;
  end(): Promise<void>;
}

interface PgPool extends Queryable {
  connect(): Promise<Client>;
  connect(callback: (error: Error | undefined, client: Client, release: () => void) => void): void;
  end(): Promise<void>;
}

interface Pg {
  readonly Client: new (options: object) => Client;
  readonly Pool: new (options: object) => PgPool;
  readonly Query: new (text: string) => EventEmitter;
}

const TEN = 'select i from generate_series(1, 10) i';
/** Dates and JSON cost more CPU here than in the server. */
const ITEMS = `create table if not exists items as
  select i, now() + i * interval '1 s' as t, json_build_object('text', md5(i::text)) as j
  from generate_series(1, 2000) i`;

export function openPg({ Client, Pool: PgPool, Query }: Pg, port: number, own: Tell): Pool {
  const options = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' };
  const pool = new PgPool({ ...options, max: 1 });
  pool.on('connect', () => own('connect of the pool'));
  pool.on('remove', () => own('remove of the pool'));
  const pipelined = new Client({ ...options, pipeline: true });
  // The pool tells that a connection broke off.
  pool.on('error', () => undefined);

  return {
    async open(tell) {
      await pool.query(ITEMS);
      const client = await pool.connect();
      client.connection.stream.once('data', () => tell('bytes of an answer'));
      await client.query('select 1');
      client.release();
      await pipelined.connect();
      await pipelined.query('listen news');
    },
    work: () => pool.query('select * from items'),

    async callBack(tell) {
      const row = new Query(TEN).on('row', () => tell('row of a pipeline'));
      pipelined.query(row, () => undefined);
      await Promise.all([
        called<void>((done) =>
          pipelined.once('notification', () => {
            tell('notification');
            done(undefined);
          }),
        ),
        pool.query("notify news, 'n'"),
        called((done) =>
          pipelined.query(TEN, (error) => {
            tell('callback of a pipeline');
            done(error);
          }),
        ),
        pool.query(TEN).then(() => tell('promise')),
        called((done) =>
          pool.query(TEN, (error) => {
            tell('callback of the pool');
            done(error);
          }),
        ),
        called<void>((done) =>
          pool.query('select nonsense', (error) => {
            tell('callback with an error');
            done(error ? undefined : new Error('no error'));
          }),
        ),
      ]);
      await called<void>((done) =>
        pool.connect((error, client, release) => {
          tell('callback of connect');
          if (error) return done(error);
          client.query(TEN, () => tell('callback of the client'));
          const query = new Query(TEN);
          query.on('row', () => tell('row')).on('end', () => tell('end'));
          void client.query(query);
          const late = { text: 'select pg_sleep(0.1)', query_timeout: 10 };
          client.query(late, () => tell('callback after a time limit'));
          client.query(TEN, (failure) => {
            release();
            done(failure);
          });
        }),
      );
    },

    async breakOff(tell) {
      const client = await pool.connect();
      const ended = new Promise((resolve) => client.once('end', resolve));
      client.on('error', () => undefined);
      const { rows } = await client.query('select pg_backend_pid() as pid');
      const queries = ['select pg_sleep(60)', TEN].map((text) =>
        called<void>((done) =>
          client.query(text, (error) => {
            tell('callback of a broken connection');
            done(error ? undefined : new Error('no error'));
          }),
        ),
      );
      const other = new PgPool(options);
      await other.query('select pg_terminate_backend($1)', [rows[0]!['pid']]);
      await Promise.all([...queries, ended, other.end()]);
      client.release();
    },

    async results() {
      await pool.query(ITEMS);
      const client = await pool.connect();
      const events: unknown[] = [];
      client.on('notification', ({ channel, payload }) => events.push([channel, payload]));
      const query = new Query(TEN);
      for (const event of ['row', 'end']) query.on(event, (value) => events.push([event, value]));
      void client.query(query);
      const found = [
        await client.query('listen news'),
        await client.query("notify news, 'n'"),
        await client.query({ text: 'select $1::int as x', rowMode: 'array' }, [1]),
        await client.query('select i, j from items order by i limit 20'),
        await errorOf(client.query('select nonsense')),
        await errorOf(client.query({ text: 'select pg_sleep(0.1)', query_timeout: 10 })),
        await called<Result>((done) => client.query('select 2 as y; select 3 as z', done)),
        addAndRemove(client, 'notification'),
      ];
      client.release();
      return [found, events];
    },

    close: () => Promise.all([pool.end(), pipelined.end()]),
  };
}
