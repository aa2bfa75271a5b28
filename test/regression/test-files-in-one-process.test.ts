import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../support/processes';

const FILES = 8;
/** Realms that may still be in memory: the last ones, and one that keeps shared listeners. */
const MAX_KEPT = 3;

const REALM = JSON.stringify(join(__dirname, '../support/realm.js'));

/**
 * Runs several test files in one process, each in a realm of its own. Prints for each file what its
 * windows recorded, and in the end how many realms are still in memory.
 */
function program(end: string): string {
  const file = `
    const { sharedCollector } = require('@rulescope/profiler');
    const { RuleInstrumentation, withRule } = require('rulescope');
    const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
    exports.run = async () => {
      const windows = [];
      const instrumentation = new RuleInstrumentation();
      const collector = sharedCollector({ windowMillis: 100 });
      const consumer = collector.addConsumer('c', (window) => windows.push(window));
      while (!windows.some(({ error, root }) => error || JSON.stringify(root).includes('"rule":"r"'))) {
        withRule('r', () => burn(30));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      ${end}
      return windows.find(({ error }) => error)?.error.message ?? 'sampled';
    };
  `;
  return `
    const { runInRealm } = require(${REALM});
    const v8 = require('node:v8');
    v8.setFlagsFromString('--expose-gc');
    const collectGarbage = require('node:vm').runInNewContext('gc');
    const realms = [];
    (async () => {
      for (let i = 0; i < ${FILES}; i++) {
        const exports = runInRealm(${JSON.stringify(file)});
        realms.push(new WeakRef(exports));
        console.log(await exports.run());
      }
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        collectGarbage();
      }
      console.log('kept', realms.filter((realm) => realm.deref() !== undefined).length);
      process.exit();
    })();
  `;
}

describe('test files in one process, each with a globalThis of its own', () => {
  for (const [name, end] of [
    ['that end what they start', 'await consumer.remove(); instrumentation.disable();'],
    ['that leave sampling on', ''],
  ] as const) {
    it(`${name} sample one after the other, say nothing and leave no memory`, async () => {
      const child = run(process.execPath, ['--eval', program(end)], { cwd: __dirname });
      assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
      const lines = child.output().trim().split('\n');
      assert.deepEqual(
        lines.slice(0, -1),
        Array.from({ length: FILES }, () => 'sampled'),
      );
      const kept = Number(/^kept (\d+)$/.exec(lines.at(-1)!)?.[1]);
      assert.ok(kept <= MAX_KEPT, child.output());
    });
  }
});
