import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { runProgram } from '../support/program';
import { ROOT } from '../support/repository';

/** Sentry registers its own context manager. It has its own copy of the OpenTelemetry API too. */
const SENTRY = JSON.stringify(join(ROOT, 'test/ecosystem/tools/node_modules/@sentry/node'));

const PROGRAM = `
  const { RuleInstrumentation, getRule, withRule } = require('rulescope');
  const { labelStorage } = require('@rulescope/profiler/internal');
  const Sentry = require(${SENTRY});
  const initSentry = () => Sentry.init({
    dsn: 'http://key@127.0.0.1:9/1',
    tracesSampleRate: 1,
    // Registers Sentry's context manager.
    enableOpenTelemetrySetup: true,
    transport: () => ({ send: async () => ({}), flush: async () => true }),
  });
  const rules = () => [getRule(), labelStorage().currentLabelContext()?.labels?.rule];
  const tag = () => Sentry.getIsolationScope().getScopeData().tags.flow;

  async function flow(name) {
    const seen = [];
    await Sentry.withIsolationScope(() => withRule(name, async () => {
      Sentry.setTag('flow', name);
      await sleep(1);
      await Sentry.startSpan({ name }, async (span) => {
        const note = () => seen.push([...rules(), tag(), Sentry.getActiveSpan() === span]);
        note();
        await sleep(1);
        note();
        await Sentry.withScope(() => sleep(1).then(note));
        await withRule('inner', () => sleep(1)).then(note);
      });
    }));
    return seen;
  }

  async function main() {
    const flows = await Promise.all([flow('a'), flow('b'), flow('a')]);
    const manager = globalThis[Symbol.for('opentelemetry.js.api.1')].context;
    json({ flows, after: rules(), isSentrys: 'getAsyncLocalStorageLookup' in manager });
    process.exit();
  }
`;

interface Found {
  readonly flows: readonly (readonly unknown[])[];
  readonly after: readonly unknown[];
  readonly isSentrys: boolean;
}

describe('Sentry', () => {
  for (const [order, start] of [
    ['before', 'initSentry(); new RuleInstrumentation();'],
    ['after', 'new RuleInstrumentation(); withRule("x", () => initSentry());'],
  ] as const) {
    it(`started ${order} rulescope: rules, spans and scopes keep to their flows`, async () => {
      const { json, codes } = await runProgram(`${PROGRAM} ${start} main();`);
      const { flows, after, isSentrys } = json[0] as Found;
      assert.ok(isSentrys);
      assert.deepEqual(codes, []);
      assert.deepEqual(
        flows,
        ['a', 'b', 'a'].map((name) => Array<unknown>(4).fill([name, name, name, true])),
      );
      assert.deepEqual(after, [null, null]);
    });
  }
});
