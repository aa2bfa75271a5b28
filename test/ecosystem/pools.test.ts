import { createRequire } from 'node:module';
import { join } from 'node:path';
import { testPool } from '../support/pools/testPool';
import { ROOT } from '../support/repository';
import { startMariadb } from '../support/servers/mariadb';
import { startRabbitmq } from '../support/servers/rabbitmq';
import { startRedis } from '../support/servers/redis';

const tools = createRequire(join(ROOT, 'test/ecosystem/tools/package.json'));

testPool('redis', tools.resolve('redis'), startRedis, [
  'callback',
  'connect',
  'error',
  'message',
  'promise',
  'promise of a broken connection',
  'promise of the pool',
  'ready',
  'reconnecting',
  'task of the pool',
  'transaction',
]);

testPool('mysql2', tools.resolve('mysql2'), startMariadb, [
  'callback of a broken connection',
  'callback of a connection',
  'callback of a prepared statement',
  'callback of getConnection',
  'callback of the pool',
  'callback with an error',
  'connect',
  'connection of the pool',
  'end',
  'promise',
  'row',
  'row of a stream',
]);

testPool('amqplib', tools.resolve('amqplib'), startRabbitmq, [
  'callback',
  'callback of a broken connection',
  'callback of a confirmation',
  'callback of createConfirmChannel',
  'callback of deleteQueue',
  'callback of get',
  'callback with an error',
  'cancellation',
  'disconnect',
  'message',
  'message in the rule of ruleOf',
  'promise',
  'return',
  'setup',
]);
