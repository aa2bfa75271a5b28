import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Prints the bytes that a million entries of `rule` in itself allocate. */
const REENTER = `
  const { context } = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const { RuleInstrumentation, withRule } = require('@rulescope/instrumentation');
  const { getHeapStatistics } = require('node:v8');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const instrumentation = new RuleInstrumentation();
  SETUP;
  const work = () => undefined;
  const reenter = (count) => { for (let i = 0; i < count; i++) withRule('rule', work); };
  withRule('rule', () => {
    for (let i = 0; i < 20; i++) reenter(10_000); // V8 compiles.
    gc();
    const before = getHeapStatistics().used_heap_size;
    reenter(1_000_000);
    console.log(getHeapStatistics().used_heap_size - before);
    process.exit();
  });
`;

/** Room for the allocations of a million entries, so that none are collected meanwhile. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=512'];

const setups = {
  'with labels': '',
  'while it samples':
    "require('@rulescope/profiler').sharedCollector().addConsumer('test', () => undefined)",
  'while the instrumentation is disabled': 'instrumentation.disable()',
};

describe('entering the rule that is current already', () => {
  for (const [name, setup] of Object.entries(setups)) {
    it(`allocates less than a byte ${name}`, async () => {
      const args = [...FLAGS, '--eval', REENTER.replace('SETUP', setup)];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: __dirname });
      assert.ok(Number(stdout) < 1_000_000, `${stdout.trim()} bytes for a million entries`);
    });
  }
});
