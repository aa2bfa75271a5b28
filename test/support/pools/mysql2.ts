import type { EventEmitter } from 'node:events';
import { type Pool, type Tell, called, errorOf } from './Pool';

type Callback<T = unknown> = (error: Error | null, value: T) => void;

interface Query extends EventEmitter {
  stream(): NodeJS.ReadableStream;
}

interface Promises {
  query(sql: string | object, values?: unknown[]): Promise<[unknown[], unknown]>;
  execute(sql: string, values: unknown[]): Promise<[unknown[], unknown]>;
}

interface Queryable extends EventEmitter {
  query(sql: string | object, callback?: Callback): Query;
  execute(sql: string, values: unknown[], callback: Callback): void;
  promise(): Promises;
}

interface Connection extends Queryable {
  readonly threadId: number;
  readonly stream: EventEmitter;
  release(): void;
  destroy(): void;
  end(callback: Callback): void;
}

interface ConnectionPool extends Queryable {
  getConnection(callback: Callback<Connection>): void;
  end(callback: Callback): void;
}

interface Mysql2 {
  createPool(options: object): ConnectionPool;
  createConnection(options: object): Connection;
}

const TEN = 'select seq from test.seq_1_to_10';
const ITEMS = `create or replace table test.items as
  select seq, timestamp'2020-01-01 00:00:00' + interval seq second as t, repeat('x', 50) as text from seq_1_to_2000`;

export function openMysql2(mysql2: Mysql2, port: number, own: Tell): Pool {
  const options = { host: '127.0.0.1', port, user: 'test', database: 'test' };
  const pool = mysql2.createPool({ ...options, connectionLimit: 1 });
  pool.on('connection', () => own('connection of the pool'));
  let shared: Connection;
  const connectShared = (): void => {
    shared = mysql2.createConnection(options);
    shared.on('connect', () => own('connect'));
  };
  const connect = (): Promise<Connection> => called((done) => pool.getConnection(done));

  return {
    async open(tell) {
      connectShared();
      await pool.promise().query(ITEMS);
      const connection = await connect();
      connection.stream.once('data', () => tell('bytes of an answer'));
      await connection.promise().query('select 1');
      connection.release();
    },
    work: () => pool.promise().query('select * from items'),

    async callBack(tell) {
      const row = called<void>((done) =>
        shared
          .query(TEN)
          .on('result', () => tell('row'))
          .on('end', () => {
            tell('end');
            done(null);
          }),
      );
      const stream = called<void>((done) =>
        shared
          .query(TEN)
          .stream()
          .on('data', () => tell('row of a stream'))
          .on('end', () => done(null)),
      );
      const call = (name: string, ask: (callback: Callback) => void, fails = false) =>
        called<void>((done) =>
          ask((error) => {
            tell(name);
            done(fails ? null : error);
          }),
        );
      await Promise.all([
        row,
        stream,
        pool
          .promise()
          .query(TEN)
          .then(() => tell('promise')),
        call('callback of the pool', (done) => pool.query(TEN, done)),
        call('callback of a connection', (done) => shared.query(TEN, done)),
        call('callback of a prepared statement', (done) => shared.execute('select ?', [1], done)),
        call('callback with an error', (done) => shared.query('select nonsense', done), true),
        call('callback of getConnection', (done) =>
          pool.getConnection((error, connection) => {
            connection.release();
            done(error, undefined);
          }),
        ),
      ]);
    },

    async breakOff(tell) {
      const connection = await connect();
      connection.on('error', () => undefined);
      const queries = ['select sleep(60)', TEN].map((sql) =>
        called<void>((done) =>
          connection.query(sql, (error) => {
            tell('callback of a broken connection');
            done(error === null ? new Error('no error') : null);
          }),
        ),
      );
      await shared.promise().query(`kill connection ${connection.threadId}`);
      await Promise.all(queries);
    },

    async results() {
      connectShared();
      await pool.promise().query(ITEMS);
      const events: unknown[] = [];
      const query = shared.query(TEN);
      query.on('result', (row) => events.push(row));
      await called((done) => query.on('end', () => done(null)));
      const found = [
        events,
        await called((done) => shared.query('select * from items limit 20', done)),
        await called((done) => shared.execute('select ? as x', [1], done)),
        await pool
          .promise()
          .execute('select ? as y', ['z'])
          .then(([rows]) => rows),
        await errorOf(pool.promise().query('select nonsense')),
      ];
      const connection = await connect();
      const late = { sql: 'select sleep(0.2)', timeout: 10 };
      found.push(await errorOf(connection.promise().query(late)));
      connection.destroy();
      return found;
    },

    close: () => Promise.all([pool, shared].map((each) => called((done) => each.end(done)))),
  };
}
