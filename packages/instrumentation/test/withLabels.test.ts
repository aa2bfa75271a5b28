import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, context, diag } from '@opentelemetry/api';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import fc from 'fast-check';
import { familyWith, labelSetOf } from '../src/labelFamily';
import { bindRule, getRule, withRule } from '../src/rule';
import { withLabels } from '../src/withLabels';
import { LogSpy } from './support/LogSpy';
import { CONTEXT_MANAGERS, cleanGlobals, instrument } from './support/globals';

for (const [name, setUp] of Object.entries(CONTEXT_MANAGERS)) {
  describe(`withLabels with ${name}`, () => {
    cleanGlobals();
    beforeEach(() => {
      setUp();
      instrument();
    });

    it('adds labels to the rule and the rule to labels, in asynchronous work too', async () => {
      const seen: unknown[] = [];
      const look = () => seen.push(getLabels());
      await withLabels({ tenant: 't' }, async () => {
        look();
        await sleep(1);
        await withRule('r', async () => {
          look();
          await sleep(1);
          withLabels({ stage: 's' }, look);
          look();
        });
        look();
      });
      look();
      assert.deepEqual(seen, [
        { tenant: 't' },
        { tenant: 't', rule: 'r' },
        { tenant: 't', stage: 's', rule: 'r' },
        { tenant: 't', rule: 'r' },
        { tenant: 't' },
        undefined,
      ]);
    });

    it('lets the inner value of each key win, and restores the outer one after a throw', () => {
      withLabels({ tenant: 'a', stage: 's' }, () => {
        assert.throws(
          () =>
            withLabels({ tenant: 'b' }, () => {
              assert.deepEqual(getLabels(), { tenant: 'b', stage: 's' });
              throw new Error('expected');
            }),
          /expected/,
        );
        assert.deepEqual(getLabels(), { tenant: 'a', stage: 's' });
      });
    });

    it('moves with the Context: another Context has its own labels', () => {
      if (name === 'no context manager') return;
      withLabels({ tenant: 'a' }, () => {
        const active = context.active();
        const bound = context.bind(active, getLabels);
        const rule = bindRule('r', getLabels);
        context.with(ROOT_CONTEXT, () => {
          assert.equal(getLabels(), undefined);
          assert.deepEqual(context.with(active, getLabels), { tenant: 'a' });
          assert.deepEqual(bound(), { tenant: 'a' });
          assert.deepEqual(rule(), { tenant: 'a', rule: 'r' });
        });
      });
    });

    it('keeps the labels of the flow that are of no Context', () => {
      runWithLabels({ stage: 's' }, () =>
        withLabels({ tenant: 'a' }, () => {
          assert.deepEqual(getLabels(), { stage: 's', tenant: 'a' });
          withRule('r', () =>
            assert.deepEqual(getLabels(), { stage: 's', tenant: 'a', rule: 'r' }),
          );
          if (name === 'no context manager') return;
          assert.deepEqual(context.with(ROOT_CONTEXT, getLabels), { stage: 's' });
        }),
      );
    });

    it('keeps a label that the flow has overridden, until withLabels sets it again', () => {
      withLabels({ tenant: 't1' }, () =>
        runWithLabels({ tenant: 'x' }, () => {
          withRule('r', () => {
            assert.deepEqual(getLabels(), { tenant: 'x', rule: 'r' });
            withRule('s', () => assert.deepEqual(getLabels(), { tenant: 'x', rule: 's' }));
            const again = withLabels({ tenant: 't1', n: 1 }, () => withRule('s', getLabels));
            assert.deepEqual(again, { tenant: 't1', rule: 's' });
          });
          assert.deepEqual(withLabels({ tenant: 't2' }, getLabels), { tenant: 't2' });
        }),
      );
    });

    it('sets the rule by the key rule', () => {
      withLabels({ rule: 'r', tenant: 't' }, () => {
        assert.equal(getRule(), 'r');
        assert.deepEqual(getLabels(), { tenant: 't', rule: 'r' });
      });
      assert.deepEqual(withLabels({ rule: 'r' }, getLabels), { rule: 'r' });
    });

    it('leaves out values that are no strings, and takes any key', () => {
      const labels = JSON.parse('{ "__proto__": "p", "constructor": "c", "n": 1, "u": null }') as {
        constructor: string;
      };
      assert.deepEqual(
        Object.entries(withLabels({ ...labels }, getLabels) ?? {}).sort(),
        Object.entries(JSON.parse('{ "__proto__": "p", "constructor": "c" }') as object).sort(),
      );
      assert.equal(withLabels({ n: 1 }, getLabels), undefined);
      assert.equal(withLabels({}, getLabels), undefined);
    });

    it('runs random programs with the labels that a model has', () => {
      const [keys, values] = [fc.constantFrom('rule', 'a', 'b'), fc.constantFrom('x', 'y', '')];
      const step = fc.tuple(fc.constantFrom('labels', 'flow', 'rule', 'root'), keys, values);
      fc.assert(
        fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
          /** `ofContext` and `ofFlow` are the labels that the Context and the flow brought. */
          const run = (left: typeof steps, ofContext: object, ofFlow: object): void => {
            assert.deepEqual({ ...getLabels() }, { ...ofContext, ...ofFlow });
            const [first, ...rest] = left;
            if (first === undefined) return;
            const [kind, key, value] = first;
            const next = (inner: object, flow = ofFlow) => run(rest, inner, flow);
            if (kind === 'labels') {
              const inner = { ...ofContext, [key]: value };
              // The label of a Context replaces the flow's label of the same key for good.
              withLabels({ [key]: value }, () => next(inner, without(ofFlow, { [key]: '' })));
            } else if (kind === 'rule') {
              const inner = { ...ofContext, rule: value };
              withRule(value, () => next(inner));
            } else if (kind === 'root' && name !== 'no context manager') {
              context.with(ROOT_CONTEXT, () => next({}));
            } else if (kind === 'flow' && key !== 'rule') {
              // A label that the Context has as well counts as the Context's.
              const flow = { ...without(ofFlow, { [key]: '' }), [key]: value };
              const isOfContext = (ofContext as Record<string, string>)[key] === value;
              const inner = isOfContext ? without(flow, { [key]: '' }) : flow;
              runWithLabels({ [key]: value }, () => next(ofContext, inner));
            } else next(ofContext);
          };
          run(steps, {}, {});
          assert.equal(getLabels(), undefined);
        }),
        { numRuns: 500, seed: 14 },
      );
    });
  });
}

describe('withLabels', () => {
  cleanGlobals();

  it('throws if there is no function, and warns once about labels that are no object', () => {
    assert.throws(() => withLabels({ a: 'b' }, undefined as never), /fn must be a function/);
    const log = new LogSpy();
    diag.setLogger(log);
    for (const labels of [null, undefined, 'text']) {
      assert.equal(
        withLabels(labels as never, () => 1),
        1,
      );
    }
    assert.equal(log.errors.length, 1);
    assert.match(String(log.errors[0]), /labels must be an object; got/);
  });

  it('has one label set for equal labels, whatever their order and however they came', () => {
    const one = familyWith('a', '1', familyWith('b', '2'));
    const two = familyWith('b', '2', familyWith('a', '1', familyWith('b', '3')));
    assert.equal(one, two);
    assert.equal(labelSetOf('r', one), labelSetOf('r', two));
    assert.equal(familyWith('a', '1', one), one);
  });

  it('is right for more labels than it keeps', () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) {
        const family = familyWith('tenant', `t${i}`);
        assert.deepEqual(labelSetOf(`r${i % 7}`, family), { tenant: `t${i}`, rule: `r${i % 7}` });
      }
    }
  });
});

function without(labels: object, keys: object): object {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !Object.hasOwn(keys, key)));
}
