import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SeenRules } from '../support/pools/app';
import { runPool, testPool } from '../support/pools/testPool';
import { ROOT } from '../support/repository';
import { startMariadb } from '../support/servers/mariadb';
import { startRabbitmq } from '../support/servers/rabbitmq';
import { startRedis, startRedisCluster } from '../support/servers/redis';

const tools = createRequire(join(ROOT, 'test/ecosystem/tools/package.json'));

testPool('redis', tools.resolve('redis'), () => startRedis(), [
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

testPool('ioredis cluster', require.resolve('ioredis'), startRedisCluster, [
  '+node',
  'callback',
  'callback after a broken connection',
  'connect',
  'message',
  'pipeline',
  'promise',
  'ready',
]);

testPool('redis cluster', tools.resolve('redis'), startRedisCluster, [
  'message',
  'node-connect',
  'node-ready',
  'promise',
  'transaction',
]);

testPool('mysql2', tools.resolve('mysql2'), startMariadb, [
  'bytes of an answer',
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

describe('the default import of mysql2', function () {
  this.timeout(120_000);

  it('calls back in the rule that asked', async () => {
    const server = await startMariadb();
    try {
      const url = pathToFileURL(tools.resolve('./importMysql2.mjs')).href;
      const preload = ['--require', require.resolve('../support/importHook')];
      const part = [server.port, 'rules', 'on', preload] as const;
      const { right, wrong } = await runPool<SeenRules>('mysql2', url, ...part);
      assert.deepEqual(wrong, []);
      assert.ok(right.includes('connect'));
    } finally {
      await server.stop();
    }
  });
});

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

describe("beside OpenTelemetry's own instrumentations", function () {
  this.timeout(120_000);
  // Its instrumentations need SDK 3.x.
  if (process.env['RULESCOPE_SDK'] !== '3') return;
  const preload = ['--require', require.resolve('../support/pools/openTelemetry')];
  const amqplib = tools.resolve('amqplib');

  it('a message of amqplib has the rule that consumes', async () => {
    const server = await startRabbitmq();
    try {
      const part = [server.port, 'rules', 'on', preload] as const;
      const { right, wrong } = await runPool<SeenRules>('amqplib', amqplib, ...part);
      // It gives each message a Context of its own.
      const otherContexts = wrong.filter((each) => !/ of (\w) saw \1 undefined$/.test(each));
      assert.deepEqual(otherContexts, []);
      assert.ok(right.includes('message in the rule of ruleOf'));
      assert.ok(wrong.some((each) => each.startsWith('message of a ')));
    } finally {
      await server.stop();
    }
  });
});
