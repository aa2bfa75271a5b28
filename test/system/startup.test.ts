import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../support/processes';

const REPOSITORY = join(__dirname, '../../..');
/** Largest number of our modules that `require('rulescope')` may load. */
const MAX_MODULES = 70;

/** Defines functions for the programs. `threads()` counts all threads of the process. */
const PROBES = `
  const { readdirSync } = require('node:fs');
  const ours = () =>
    Object.keys(require.cache).filter((file) => /\\/packages\\/[^/]+\\/build\\//.test(file));
  const natives = () => {
    process.report.excludeNetwork = true;
    return process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node'));
  };
  const threads = () => readdirSync('/proc/self/task').length;
  const print = (value) => console.log(JSON.stringify(value));`;

/** Runs a program until it ends, and returns its output. A warning in the output fails the test. */
async function evaluate(program: string): Promise<unknown> {
  const child = run(process.execPath, ['--eval', PROBES + program], { cwd: REPOSITORY });
  assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
  return JSON.parse(child.output());
}

describe('start-up', () => {
  it(`require('rulescope') loads at most ${MAX_MODULES} modules of ours`, async () => {
    const files = (await evaluate(`require('rulescope'); print(ours());`)) as string[];
    assert(files.length > 0);
    assert(files.length <= MAX_MODULES, `${files.length}:\n${files.sort().join('\n')}`);
  });

  it("require('rulescope') loads no native code and starts no thread", async () => {
    const result = await evaluate(`
      const before = threads();
      require('rulescope');
      print({ natives: natives(), started: threads() - before });`);
    assert.deepEqual(result, { natives: [], started: 0 });
  });

  it('withRule alone loads no native code and starts no thread', async () => {
    const result = await evaluate(`
      const before = threads();
      const { withRule } = require('rulescope');
      const returned = withRule('a', () => 1);
      print({ returned, natives: natives(), started: threads() - before });`);
    assert.deepEqual(result, { returned: 1, natives: [], started: 0 });
  });

  it('sampling loads native code and starts a thread, so the tests above can fail', async () => {
    const result = (await evaluate(`
      const before = threads();
      const { sharedCollector } = require('@rulescope/profiler');
      const consumer = sharedCollector().addConsumer('startup', () => {});
      print({ natives: natives().length, started: threads() - before });
      consumer.remove();`)) as Record<'natives' | 'started', number>;
    assert(result.natives > 0 && result.started > 0, JSON.stringify(result));
  });
});
