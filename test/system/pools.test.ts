import { testPool } from '../support/pools/testPool';
import { startPostgres } from '../support/servers/postgres';
import { startRedis } from '../support/servers/redis';

testPool('pg', require.resolve('pg'), startPostgres, [
  'bytes of an answer',
  'callback after a time limit',
  'callback of a broken connection',
  'callback of a pipeline',
  'callback of connect',
  'callback of the client',
  'callback of the pool',
  'callback with an error',
  'connect of the pool',
  'end',
  'notification',
  'promise',
  'remove of the pool',
  'row',
  'row of a pipeline',
]);

testPool('ioredis', require.resolve('ioredis'), () => startRedis(), [
  'bytes of an answer',
  'callback',
  'callback after a time limit',
  'callback of a broken connection',
  'callback of a pipeline',
  'callback of a transaction',
  'callback with an error',
  'close',
  'connect',
  'message',
  'parsing',
  'promise',
  'ready',
]);
