import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type Context, ROOT_CONTEXT, context, createContextKey, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import { bindRule, getRule, setRule, withRule } from '../src/rule';
import { contextLabels } from '../src/threadState';
import { ForeignContextManager } from './support/ForeignContextManager';
import { LogSpy } from './support/LogSpy';
import { currentRule } from './support/currentRule';
import { cleanGlobals, instrument, register } from './support/globals';

const IDS = ['', ' ', '__proto__', 'constructor', 'other', 'a"b\n', '\\', '\0', '😀', '\ud800'];

/** The rule by the Context and by the label: they must agree everywhere. */
function rules(): [string | undefined, string | undefined] {
  return [getRule(), currentRule()];
}

const setups = {
  'the context manager of the SDK': () => register(new AsyncLocalStorageContextManager()),
  'a foreign context manager': () => register(new ForeignContextManager()),
  'no context manager': () => undefined,
};

for (const [name, setUp] of Object.entries(setups)) {
  describe(`rules with ${name}`, () => {
    cleanGlobals();
    beforeEach(() => {
      setUp();
      instrument();
    });

    describe('withRule', () => {
      it('leaves other labels of the flow in place', async () => {
        const seen: unknown[] = [];
        const look = () => seen.push(getLabels());
        await runWithLabels({ tenant: 't' }, () =>
          withRule('outer', async () => {
            look();
            await Promise.resolve();
            runWithLabels({ stage: 's' }, () => withRule('inner', look));
            withRule('inner', look);
            context.with(ROOT_CONTEXT, look);
            look();
          }),
        );
        look();
        assert.deepEqual(seen, [
          { tenant: 't', rule: 'outer' },
          { tenant: 't', stage: 's', rule: 'inner' },
          { tenant: 't', rule: 'inner' },
          name === 'no context manager' ? { tenant: 't', rule: 'outer' } : { tenant: 't' },
          { tenant: 't', rule: 'outer' },
          undefined,
        ]);
      });

      it('makes the rule current in the call and nowhere else', () => {
        assert.deepEqual(rules(), [undefined, undefined]);
        assert.deepEqual(withRule('a', rules), ['a', 'a']);
        assert.deepEqual(rules(), [undefined, undefined]);
      });

      it('lets the inner rule win, and the outer one return', () => {
        const seen: unknown[] = [];
        withRule('outer', () => {
          withRule('inner', () => seen.push(rules()));
          seen.push(rules());
          withRule('outer', () => seen.push(rules()));
        });
        assert.deepEqual(seen, [
          ['inner', 'inner'],
          ['outer', 'outer'],
          ['outer', 'outer'],
        ]);
      });

      it('throws what the function throws, with the outer rule current again', () => {
        const error = new Error('mine');
        const boom = (): never => {
          throw error;
        };
        withRule('outer', () => {
          assert.throws(
            () => withRule('inner', boom),
            (thrown) => thrown === error,
          );
          assert.deepEqual(rules(), ['outer', 'outer']);
        });
        assert.throws(
          () => withRule('a', boom),
          (thrown) => thrown === error,
        );
        assert.deepEqual(rules(), [undefined, undefined]);
      });

      it('returns what the function returns, the promise itself included', () => {
        const promise = Promise.resolve(1);
        assert.equal(
          withRule('a', () => promise),
          promise,
        );
      });

      it('follows awaits, on the way of a rejection too', async () => {
        const error = new Error('mine');
        const seen: unknown[] = [];
        const work = withRule('a', async () => {
          await Promise.resolve();
          seen.push(rules());
          try {
            await withRule('b', async () => {
              await new Promise(setImmediate);
              seen.push(rules());
              throw error;
            });
          } finally {
            seen.push(rules());
          }
        });
        assert.deepEqual(rules(), [undefined, undefined]);
        await assert.rejects(work, (thrown) => thrown === error);
        assert.deepEqual(seen, [
          ['a', 'a'],
          ['b', 'b'],
          ['a', 'a'],
        ]);
        assert.deepEqual(rules(), [undefined, undefined]);
      });

      it('follows timers, ticks, microtasks and promises', async () => {
        const ways: Record<string, (done: () => void) => void> = {
          setTimeout: (done) => setTimeout(done, 1),
          setImmediate: (done) => setImmediate(done),
          nextTick: (done) => process.nextTick(done),
          queueMicrotask: (done) => queueMicrotask(done),
          then: (done) => void Promise.resolve().then(done),
        };
        const work = Object.entries(ways).map(async ([way, later]) => {
          const seen = withRule(way, () => new Promise((resolve) => later(() => resolve(rules()))));
          assert.deepEqual(await seen, [way, way]);
        });
        await Promise.all(work);
      });

      it('keeps flows that run side by side apart', async () => {
        const flow = async (id: string): Promise<void> => {
          for (let step = 0; step < 20; step++) {
            await (step % 3 === 0 ? new Promise(setImmediate) : Promise.resolve());
            assert.deepEqual(rules(), [id, id]);
          }
        };
        await Promise.all(['a', 'b', 'c'].map((id) => withRule(id, () => flow(id))));
      });

      it('enters the same Context again for the same rule from the same Context', () => {
        const active = (): Context => contextLabels().active();
        const first = withRule('a', active);
        assert.equal(withRule('a', active), first);
        assert.notEqual(withRule('b', active), first);
        assert.equal(
          withRule('a', () => withRule('a', active)),
          first,
        );
      });

      it('stays in its Context where its rule is entered again, whatever was entered from there before', () => {
        const active = () => contextLabels().active();
        for (const first of ['a', 'c']) {
          withRule(first, () => {
            const outer = active();
            for (let i = 0; i < 3; i++) assert.deepEqual(withRule('b', rules), ['b', 'b']);
            assert.equal(withRule(first, active), outer);
            assert.deepEqual(withRule(first, rules), [first, first]);
          });
        }
      });

      it('stays right past the number of rules it keeps Contexts for', () => {
        for (let round = 0; round < 2; round++) {
          for (let i = 0; i < 5_000; i++) {
            const id = `rule ${i}`;
            assert.deepEqual(withRule(id, rules), [id, id]);
          }
        }
      });

      for (const id of IDS) {
        it(`takes ${JSON.stringify(id)} for an id like any other`, async () => {
          assert.deepEqual(withRule(id, rules), [id, id]);
          const later = await withRule(id, async () => {
            await Promise.resolve();
            return rules();
          });
          assert.deepEqual(later, [id, id]);
        });
      }
    });

    describe('bindRule', () => {
      it('makes the rule current whenever and wherever the function is called', async () => {
        const bound = bindRule('a', rules);
        assert.deepEqual(bound(), ['a', 'a']);
        assert.deepEqual(withRule('b', bound), ['a', 'a']);
        assert.deepEqual(await Promise.resolve().then(bound), ['a', 'a']);
        assert.deepEqual(rules(), [undefined, undefined]);
      });

      it('lets a rule entered inside win', () => {
        const bound = bindRule('a', () => withRule('b', rules));
        assert.deepEqual(bound(), ['b', 'b']);
      });

      it('passes this, arguments, result and errors through', () => {
        const object = {
          factor: 3,
          times: bindRule('a', function (this: { factor: number }, x: number, y: number) {
            return [this.factor * x * y, currentRule()];
          }),
        };
        assert.deepEqual(object.times(5, 7), [105, 'a']);
        const error = new Error('mine');
        const boom = bindRule('a', () => {
          throw error;
        });
        assert.throws(boom, (thrown) => thrown === error);
        assert.deepEqual(rules(), [undefined, undefined]);
      });

      it('has the length and the name of the function', () => {
        const bound = bindRule('a', function work(one: number, two: number, three = 3) {
          return one + two + three;
        });
        assert.equal(bound.length, 2);
        assert.equal(bound.name, 'work');
      });

      it('serves as a listener', () => {
        const emitter = new EventEmitter();
        const seen: unknown[] = [];
        emitter.on(
          'event',
          bindRule('a', (value: number) => seen.push([value, ...rules()])),
        );
        withRule('b', () => emitter.emit('event', 1));
        emitter.emit('event', 2);
        assert.deepEqual(seen, [
          [1, 'a', 'a'],
          [2, 'a', 'a'],
        ]);
      });
    });
  });
}

describe('rules in a Context', () => {
  const KEY = createContextKey('rulescope.test');

  cleanGlobals();
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });

  it('setRule makes a Context that carries the rule, and leaves the other one as it was', () => {
    const a = setRule(ROOT_CONTEXT, 'a');
    const b = setRule(a, 'b');
    assert.equal(getRule(a), 'a');
    assert.equal(getRule(b), 'b');
    assert.equal(getRule(ROOT_CONTEXT), undefined);
  });

  it('setRule makes nothing current', () => {
    setRule(context.active(), 'a');
    assert.deepEqual(rules(), [undefined, undefined]);
  });

  for (const id of IDS) {
    it(`setRule takes ${JSON.stringify(id)} for an id like any other`, () => {
      const target = setRule(ROOT_CONTEXT, id);
      assert.equal(getRule(target), id);
      assert.deepEqual(context.with(target, rules), [id, id]);
    });
  }

  it('getRule asks the Context it is given, not the active one', () => {
    const a = setRule(ROOT_CONTEXT, 'a');
    assert.equal(
      withRule('b', () => getRule(a)),
      'a',
    );
    assert.equal(
      withRule('b', () => getRule(ROOT_CONTEXT)),
      undefined,
    );
  });

  it('withRule keeps the other values of the Context', () => {
    context.with(ROOT_CONTEXT.setValue(KEY, 'kept'), () => {
      withRule('a', () => {
        assert.equal(context.active().getValue(KEY), 'kept');
        assert.deepEqual(rules(), ['a', 'a']);
      });
    });
  });

  it('bindRule keeps the Context of the moment it was called in', () => {
    const bound = context.with(ROOT_CONTEXT.setValue(KEY, 'then'), () =>
      bindRule('a', () => [context.active().getValue(KEY), ...rules()]),
    );
    const now = ROOT_CONTEXT.setValue(KEY, 'now');
    assert.deepEqual(context.with(now, bound), ['then', 'a', 'a']);
  });
});

describe('a rule id that is no string', () => {
  cleanGlobals();

  // The only test that may hand over such an id: the process reports the first of them alone.
  it('is reported to diag once, and the work is done in the rule that is current', () => {
    const spy = new LogSpy();
    diag.setLogger(spy);
    register(new AsyncLocalStorageContextManager());
    instrument();
    for (const id of [5, undefined, null, {}, Symbol('a')] as unknown as string[]) {
      withRule('outer', () => {
        assert.deepEqual(withRule(id, rules), ['outer', 'outer']);
        assert.deepEqual(bindRule(id, rules)(), ['outer', 'outer']);
        const active = context.active();
        assert.equal(setRule(active, id), active);
      });
      assert.deepEqual(withRule(id, rules), [undefined, undefined]);
    }
    assert.deepEqual(spy.errors, ['rulescope: a rule id must be a string, got number; ignored']);
  });
});
