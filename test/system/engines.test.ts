import { strict as assert } from 'node:assert';
import { assertThreeToOne } from '../support/engines/assertThreeToOne';
import type { Measured } from '../support/engines/setup';
import { runProgram } from '../support/program';

const SETUP = require.resolve('../support/engines/setup');
const WORK = require.resolve('../support/workers/work');

/** What the program prints: results of the library, the rule of each part, and the metrics. */
interface Found {
  readonly results: unknown;
  readonly seen: Readonly<Record<string, readonly (string | null)[]>>;
  readonly rules?: Record<string, Measured>;
}

/**
 * Two rules with asynchronous facts, an operator of their own and listeners. `heavy` does three units
 * of work: two in its fact, one in its operator. `light` does a half in each.
 */
const ENGINE = `
  const { measure } = require(${JSON.stringify(SETUP)});
  const { work, nextTurn } = require(${JSON.stringify(WORK)});
  const { getRule } = require('rulescope');
  const seen = {};
  const see = (where) => {
    const rule = getRule() ?? null;
    if (!(seen[where] ??= []).includes(rule)) seen[where].push(rule);
  };
  const condition = (fact, value) => ({ all: [{ fact, operator: 'atLeast', value }] });
  function engineOf({ Engine }) {
    const engine = new Engine();
    const addFact = (name, units, value) => engine.addFact(name, async () => {
      see(name);
      await nextTurn();
      see(name);
      work(units);
      return value;
    }, { cache: false });
    addFact('twoUnits', 2, 7);
    addFact('halfUnit', 0.5, 7);
    engine.addOperator('atLeast', (found, { limit, units }) => {
      see('operator for ' + limit);
      work(units);
      return found >= limit;
    });
    engine.addRule({
      name: 'heavy',
      conditions: condition('twoUnits', { limit: 5, units: 1 }),
      event: { type: 'reached', params: { by: 1 } },
      onSuccess: async () => { await nextTurn(); see('onSuccess'); },
    });
    engine.addRule({
      conditions: condition('halfUnit', { limit: 9, units: 0.5 }),
      event: { type: 'light' },
      onFailure: () => see('onFailure'),
    });
    engine.on('success', async () => { await nextTurn(); see('engine success'); });
    engine.on('reached', () => see('engine event'));
    engine.on('failure', () => see('engine failure'));
    return engine;
  }
  async function main(library) {
    const engine = engineOf(library);
    const results = await engine.run();
    see('outside');
    const adapters = process.env.RULESCOPE_TEST_ADAPTERS;
    const rules = adapters === 'on' ? await measure(['heavy', 'light'], () => engine.run()) : undefined;
    json({ results, seen, rules });
  }
`;

const LOADERS: Record<string, { load: string; nodeArgs?: string[] }> = {
  CommonJS: { load: `require('json-rules-engine')` },
  'ES modules': { load: `await import('json-rules-engine')` },
  'ES modules with the hook of OpenTelemetry': {
    load: `await import('json-rules-engine')`,
    nodeArgs: ['--import', '@opentelemetry/instrumentation/hook.mjs'],
  },
};

async function run(adapters: string, { load, nodeArgs = [] }: (typeof LOADERS)[string]) {
  const program = `${ENGINE} (async () => main(${load}))();`;
  const env = { RULESCOPE_TEST_ADAPTERS: adapters };
  return (await runProgram(program, nodeArgs, env)).json[0] as Found;
}

describe('json-rules-engine', () => {
  for (const [name, loader] of Object.entries(LOADERS)) {
    it(`shows two rules built 3:1 as 3:1, loaded by ${name}`, async () => {
      const { rules, seen } = await run('on', loader);
      assertThreeToOne(rules!, 'heavy', 'light');
      assert.deepEqual(Object.keys(rules!).sort(), ['heavy', 'light']);
      assert.deepEqual(seen, {
        twoUnits: ['heavy'],
        halfUnit: ['light'],
        'operator for 5': ['heavy'],
        'operator for 9': ['light'],
        onSuccess: ['heavy'],
        onFailure: ['light'],
        'engine success': ['heavy'],
        'engine event': ['heavy'],
        'engine failure': ['light'],
        outside: [null],
      });
    });
  }

  it('has the same results with the adapter, with it off, and without rulescope', async () => {
    const loader = LOADERS['CommonJS']!;
    const without = await run('', loader);
    const off = await run('off', loader);
    assert.deepEqual(off, without);
    assert.deepEqual((await run('on', loader)).results, without.results);
    assert.ok(Object.values(off.seen).every((rules) => rules.every((rule) => rule === null)));
  });
});
