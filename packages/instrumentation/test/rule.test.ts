import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import { type Context, ROOT_CONTEXT, context, createContextKey, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import { bindRule, getRule, setRule, withRule } from '../src/rule';
import { receiveWithRule } from '../src/postWithRule';
import { withCarriedRule } from '../src/carryRule';
import { contextLabels } from '../src/ContextLabels';
import { LogSpy } from './support/LogSpy';
import { currentRule } from './support/currentRule';
import { CONTEXT_MANAGERS, cleanGlobals, instrument, register } from './support/globals';

const IDS = ['', ' ', '__proto__', 'constructor', 'other', 'a"b\n', '\\', '\0', '😀', '\ud800'];

/** The rule in the Context and the rule in the label. Both must agree everywhere. */
function rules(): [string | undefined, string | undefined] {
  return [getRule(), currentRule()];
}

for (const [name, setUp] of Object.entries(CONTEXT_MANAGERS)) {
  describe(`rules with ${name}`, () => {
    cleanGlobals();
    beforeEach(() => {
      setUp();
      instrument();
    });

    describe('withRule', () => {
      it('keeps the other labels of the flow', async () => {
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

      it('lets the inner rule win, and restores the outer one', () => {
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

      it('throws what the function throws, and restores the outer rule', () => {
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

      it('returns what the function returns, and the same promise if it is one', () => {
        const promise = Promise.resolve(1);
        assert.equal(
          withRule('a', () => promise),
          promise,
        );
      });

      it('follows awaits, also of a rejected promise', async () => {
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

      it('separates flows that run concurrently', async () => {
        const flow = async (id: string): Promise<void> => {
          for (let step = 0; step < 20; step++) {
            await (step % 3 === 0 ? new Promise(setImmediate) : Promise.resolve());
            assert.deepEqual(rules(), [id, id]);
          }
        };
        await Promise.all(['a', 'b', 'c'].map((id) => withRule(id, () => flow(id))));
      });

      it('enters the same Context for the same rule in the same Context', () => {
        const active = (): Context => contextLabels().active();
        const first = withRule('a', active);
        assert.equal(withRule('a', active), first);
        assert.notEqual(withRule('b', active), first);
        assert.equal(
          withRule('a', () => withRule('a', active)),
          first,
        );
      });

      it('stays in its Context when its own rule is entered again, regardless of rules entered before', () => {
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

      it('keeps apart rules whose ids are alike', () => {
        const ids = ['', '1', 'a-1', 'b-1', 'c-1', 'long'.repeat(500), 'tall'.repeat(500)];
        for (let turn = 0; turn < 3; turn++) {
          for (const id of ids) assert.equal(withRule(id, getRule), id);
        }
      });

      it('stays right for more rules than it keeps Contexts for', () => {
        for (let round = 0; round < 2; round++) {
          for (let i = 0; i < 5_000; i++) {
            const id = `rule ${i}`;
            assert.deepEqual(withRule(id, rules), [id, id]);
          }
        }
      });

      for (const id of IDS) {
        it(`takes ${JSON.stringify(id)} as an id`, async () => {
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
      it('calls what promisify() returns instead, in the rule', async () => {
        const custom = () => Promise.resolve(`custom in ${getRule()}`);
        const original = Object.assign((done: () => void) => done(), {
          [promisify.custom]: custom,
        });
        assert.equal(await promisify(bindRule('a', original))(), 'custom in a');
        // What promisify() has returned once has itself as this property.
        const promisified = promisify(original) as (done: () => void) => unknown;
        assert.equal(await promisify(bindRule('b', promisified))(), 'custom in b');
        const one = Object.assign((done: () => void) => done(), { [promisify.custom]: custom });
        // Two functions can name each other.
        Object.defineProperty(custom, promisify.custom, { value: one, configurable: true });
        assert.equal(await promisify(bindRule('c', one))(), 'custom in c');
        // That of Node.js is a getter.
        assert.equal(await promisify(bindRule('c', setTimeout))(1, 'value'), 'value');
      });

      it('makes the rule current regardless of where and when the function is called', async () => {
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

      it('works as a listener', () => {
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

  it('setRule returns a Context that carries the rule, and does not change the other one', () => {
    const a = setRule(ROOT_CONTEXT, 'a');
    const b = setRule(a, 'b');
    assert.equal(getRule(a), 'a');
    assert.equal(getRule(b), 'b');
    assert.equal(getRule(ROOT_CONTEXT), undefined);
  });

  it('setRule does not make the rule current', () => {
    setRule(context.active(), 'a');
    assert.deepEqual(rules(), [undefined, undefined]);
  });

  for (const id of IDS) {
    it(`setRule takes ${JSON.stringify(id)} as an id`, () => {
      const target = setRule(ROOT_CONTEXT, id);
      assert.equal(getRule(target), id);
      assert.deepEqual(context.with(target, rules), [id, id]);
    });
  }

  it('getRule reads the Context it is given, not the active one', () => {
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

  it('bindRule keeps the Context that was active when it was called', () => {
    const bound = context.with(ROOT_CONTEXT.setValue(KEY, 'then'), () =>
      bindRule('a', () => [context.active().getValue(KEY), ...rules()]),
    );
    const now = ROOT_CONTEXT.setValue(KEY, 'now');
    assert.deepEqual(context.with(now, bound), ['then', 'a', 'a']);
  });
});

describe('bindRule and the properties of the function', () => {
  cleanGlobals();
  beforeEach(() => {
    instrument();
  });

  it('keeps own properties: values, methods, symbols, getters and setters', () => {
    const symbol = Symbol('custom');
    let pending = false;
    const debounce = (fn: () => void) =>
      Object.defineProperties(
        Object.assign(() => void (pending = true), {
          cancel: () => void (pending = false),
          flush: () => fn(),
          [symbol]: 'value',
        }),
        { pending: { get: () => pending, set: (value: boolean) => (pending = value) } },
      ) as (() => void) & { cancel(): void; flush(): void; pending: boolean; [symbol]: string };
    let flushed = 0;
    const debounced = debounce(() => flushed++);
    const bound = bindRule('a', debounced);
    bound();
    assert.equal(bound.pending, true);
    bound.cancel();
    assert.equal(bound.pending, false);
    bound.pending = true;
    assert.equal(debounced.pending, true);
    bound.flush();
    assert.equal(flushed, 1);
    assert.equal(bound[symbol], 'value');
    assert.deepEqual(
      Object.getOwnPropertyDescriptors(bound).cancel,
      Object.getOwnPropertyDescriptors(debounced).cancel,
    );
    assert.deepEqual(Object.keys(bound), Object.keys(debounced));
  });

  it('copies values once: a later write to one function does not reach the other', () => {
    const counter = Object.assign(() => undefined, { count: 1 });
    const bound = bindRule('a', counter);
    bound.count = 2;
    assert.equal(counter.count, 1);
    counter.count = 3;
    assert.equal(bound.count, 2);
  });

  it('keeps what the function inherits, such as the tag of an async function', () => {
    const bound = bindRule('a', async () => Promise.resolve(rules()));
    assert.equal(Object.prototype.toString.call(bound), '[object AsyncFunction]');
    class Base {
      static readonly kind: string = 'base';
    }
    class Derived extends Base {}
    const Bound = bindRule('a', Derived as unknown as () => void) as unknown as typeof Derived;
    assert.equal(Bound.kind, 'base');
  });

  it('takes functions in sloppy mode, frozen functions, bound functions and proxies', () => {
    const sloppy = runInThisContext('(function () { return typeof arguments; })') as () => unknown;
    const frozen = Object.freeze(Object.assign(() => 'frozen', { own: 1 }));
    for (const fn of [sloppy, frozen, rules.bind(null), new Proxy(rules, {})]) {
      const bound = bindRule('a', fn as (() => unknown) & { own?: number });
      assert.equal(bound.own, (fn as { own?: number }).own);
      assert.equal(bound.name, fn.name);
    }
    assert.equal(bindRule('a', sloppy)(), 'object');
    assert.ok(!Object.hasOwn(bindRule('a', sloppy), 'arguments'));
    assert.deepEqual(bindRule('a', new Proxy(rules, {}))(), ['a', 'a']);
  });

  describe('called with new', () => {
    class Job {
      readonly rules = rules();
      readonly target: unknown;
      constructor(readonly size: number) {
        this.target = new.target;
      }
    }
    const bindClass = <C>(constructor: C): C =>
      bindRule('a', constructor as unknown as () => void) as unknown as C;

    it('creates an instance of the class, in the rule', () => {
      const Bound = bindClass(Job);
      const job = new Bound(5);
      assert.deepEqual([job.size, job.rules, job.target], [5, ['a', 'a'], Job]);
      assert.ok(job instanceof Job && job instanceof Bound);
      assert.equal(getRule(), undefined);
    });

    it('creates an instance of a function', () => {
      const Old = function (this: { size: number }, size: number): void {
        this.size = size;
      } as unknown as new (size: number) => { size: number };
      const Bound = bindClass(Old);
      assert.equal(new Bound(5).size, 5);
      assert.ok(new Bound(5) instanceof Old);
    });

    it('creates an instance of a subclass', () => {
      class Larger extends bindClass(Job) {
        readonly larger = true;
      }
      const job = new Larger(5);
      assert.deepEqual([job.larger, job.size, job.rules], [true, 5, ['a', 'a']]);
      assert.ok(job instanceof Larger && job instanceof Job);
    });

    it('throws a TypeError for a function that is no constructor', () => {
      const bound = bindRule('a', () => undefined);
      assert.equal(bound.prototype, undefined);
      assert.throws(() => new (bound as unknown as new () => unknown)(), TypeError);
    });
  });
});

describe('a missing function', () => {
  cleanGlobals();

  const missing = undefined as unknown as () => void;
  const calls: Record<string, [argument: string, call: () => unknown]> = {
    withRule: ['fn', () => withRule('a', missing)],
    'withRule with a wrong id': ['fn', () => withRule(missing as unknown as string, missing)],
    bindRule: ['fn', () => bindRule('a', missing)],
    withCarriedRule: ['handler', () => withCarriedRule(missing)],
    receiveWithRule: ['handler', () => receiveWithRule(new EventTarget(), missing)],
  };
  for (const [name, [argument, call]] of Object.entries(calls)) {
    it(`throws a TypeError that names the argument: ${name}`, () => {
      assert.throws(call, (error: unknown) => {
        assert.ok(error instanceof TypeError);
        assert.match(
          error.message,
          new RegExp(`^${argument} must be a function[;,] got undefined$`),
        );
        return true;
      });
      assert.equal(getRule(), undefined);
    });
  }

  it('names the value that came instead', () => {
    assert.throws(
      () => withRule('a', 'b' as unknown as () => void),
      /must be a function[;,] got "b"/,
    );
  });
});

describe('a rule id that is not a string', () => {
  cleanGlobals();

  // No other test may pass such an id, because a process reports only the first one.
  it('is reported to diag once, and the work runs in the current rule', () => {
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
    assert.deepEqual(spy.errors, ['rulescope: the rule id must be a string; got number']);
  });
});
