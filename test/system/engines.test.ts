import { strict as assert } from 'node:assert';
import { assertThreeToOne } from '../support/engines/assertThreeToOne';
import type { Report } from '../support/engines/setup';
import { runProgram } from '../support/program';

const SETUP = require.resolve('../support/engines/setup');
const WORK = require.resolve('../support/workers/work');

/**
 * Two rules with asynchronous facts, an operator of their own and listeners. `heavy` does six units
 * of work: five in its fact, one in its operator. `light` does one in each.
 */
const ENGINE = `
  const { report, see, workInTurns } = require(${JSON.stringify(SETUP)});
  const { work } = require(${JSON.stringify(WORK)});
  const condition = (fact, value) => ({ all: [{ fact, operator: 'atLeast', value }] });
  function engineOf({ Engine }) {
    const engine = new Engine();
    const addFact = (name, units, value) => engine.addFact(name, async () => {
      see(name);
      await workInTurns(units);
      see(name);
      return value;
    }, { cache: false });
    addFact('fiveUnits', 5, 7);
    addFact('oneUnit', 1, 7);
    engine.addOperator('atLeast', (found, limit) => {
      see('operator for ' + limit);
      work(1);
      return found >= limit;
    });
    engine.addRule({
      name: 'heavy',
      conditions: condition('fiveUnits', 5),
      event: { type: 'reached', params: { by: 1 } },
      onSuccess: async () => { await sleep(0); see('onSuccess'); },
    });
    engine.addRule({
      conditions: condition('oneUnit', 9),
      event: { type: 'light' },
      onFailure: () => see('onFailure'),
    });
    engine.on('success', async () => { await sleep(0); see('engine success'); });
    engine.on('reached', () => see('engine event'));
    engine.on('failure', () => see('engine failure'));
    return engine;
  }
  async function main(library) {
    const engine = engineOf(library);
    const results = await engine.run();
    see('outside');
    await report(results, ['heavy', 'light'], () => engine.run(), () => undefined);
  }
`;

const LOADERS: Record<string, { load: string; nodeArgs?: string[] }> = {
  CommonJS: { load: `require('json-rules-engine')` },
  'ES modules': { load: `await import('json-rules-engine')` },
  'ES modules with the hook of OpenTelemetry': {
    load: `await import('json-rules-engine')`,
    nodeArgs: ['--require', require.resolve('../support/importHook')],
  },
};

async function run(adapters: string, { load, nodeArgs = [] }: (typeof LOADERS)[string]) {
  const program = `${ENGINE} (async () => main(${load}))();`;
  const env = { RULESCOPE_TEST_ADAPTERS: adapters };
  return (await runProgram(program, nodeArgs, env)).json[0] as Report;
}

describe('json-rules-engine', () => {
  for (const [name, loader] of Object.entries(LOADERS)) {
    it(`shows two rules built 3:1 as 3:1, loaded by ${name}`, async () => {
      const { rules, seen } = await run('on', loader);
      assertThreeToOne(rules!, 'heavy', 'light');
      assert.deepEqual(Object.keys(rules!).sort(), ['heavy', 'light']);
      assert.deepEqual(seen, {
        fiveUnits: ['heavy'],
        oneUnit: ['light'],
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

  it('has the same results with the adapter, with it off, and without it', async () => {
    const loader = LOADERS['CommonJS']!;
    const without = await run('', loader);
    const off = await run('off', loader);
    assert.deepEqual(off, without);
    assert.deepEqual((await run('on', loader)).results, without.results);
    assert.ok(Object.values(off.seen).every((rules) => rules.every((rule) => rule === null)));
  });
});
