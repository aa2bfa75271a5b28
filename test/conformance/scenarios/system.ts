import { exec, spawn } from 'node:child_process';
import { pbkdf2, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs';
import { readFile as readFilePromise } from 'node:fs/promises';
import { promisify } from 'node:util';
import { MessageChannel, Worker } from 'node:worker_threads';
import { gzip } from 'node:zlib';
import type { Scenario } from '../Scenario';

type Done = () => void;

/** Scenario of a callback from native code: it must run in the rule that called `start`. */
function callback(name: string, start: (done: Done) => void): Scenario {
  return {
    name,
    async run(stage) {
      const work = (rule: string): Promise<void> =>
        new Promise((resolve) => {
          stage.withRule(rule, () =>
            start(() => {
              stage.burn(rule);
              resolve();
            }),
          );
        });
      await Promise.all([work('a'), work('b')]);
      stage.burn();
    },
  };
}

/** Scenario of a promise from native code: a rule that awaits it must continue as the same rule. */
function promised(name: string, start: () => Promise<unknown>): Scenario {
  return {
    name,
    async run(stage) {
      const work = (rule: string): Promise<void> =>
        stage.withRule(rule, async () => {
          await start();
          stage.burn(rule);
        });
      await Promise.all([work('a'), work('b')]);
      stage.burn();
    },
  };
}

const ECHO = `require('node:worker_threads').parentPort.on('message', (m, p = require('node:worker_threads').parentPort) => {
  p.postMessage(m);
  p.close();
})`;

export const system: readonly Scenario[] = [
  callback('fs.stat callback', (done) => stat(__filename, done)),
  callback('fs.readFile callback', (done) => readFile(__filename, done)),
  promised('fs/promises', () => readFilePromise(__filename)),
  callback('zlib callback', (done) => gzip('text', done)),
  callback('crypto.pbkdf2 callback', (done) => pbkdf2('secret', 'salt', 1000, 32, 'sha256', done)),
  promised('promisify(randomBytes)', () => promisify(randomBytes)(16)),
  callback('child_process.exec callback', (done) => exec('true', done)),
  callback('child_process.spawn exit event', (done) => {
    spawn('true').on('exit', done);
  }),
  callback('worker message event', (done) => {
    const worker = new Worker(ECHO, { eval: true });
    worker.on('message', done);
    worker.postMessage('hello');
  }),
  promised('worker message awaited', async () => {
    const worker = new Worker(ECHO, { eval: true });
    worker.postMessage('hello');
    await once(worker, 'message');
  }),
  callback('MessageChannel', (done) => {
    const { port1, port2 } = new MessageChannel();
    port2.on('message', () => {
      port2.close();
      done();
    });
    port1.postMessage('hello');
  }),
];
