import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { bindRule, getRule, withRule } from '../src/rule';
import { ForeignContextManager } from './support/ForeignContextManager';
import { currentRule } from './support/currentRule';
import { cleanGlobals, instrument, register } from './support/globals';

/** The rule in the Context and the rule in the label. */
function rules(): [string | undefined, string | undefined] {
  return [getRule(), currentRule()];
}

const A = ['a', 'a'];
const READER = ['reader', 'reader'];

for (const [name, create] of [
  ['the context manager of the SDK', () => new AsyncLocalStorageContextManager()],
  ['a foreign context manager', () => new ForeignContextManager()],
] as const) {
  describe(`generators with ${name}`, () => {
    cleanGlobals();
    beforeEach(() => {
      register(create());
      instrument();
    });

    it('bindRule() runs each step of a generator in the rule, and the reader in its own', () => {
      const seen: unknown[] = [];
      const bound = bindRule('a', function* (this: unknown, first: number): Generator<number> {
        seen.push(this, rules());
        yield first;
        seen.push(rules());
        yield first + 1;
      });
      const self = {};
      withRule('reader', () => {
        for (const value of bound.call(self, 5)) seen.push(value, rules());
      });
      assert.deepEqual(seen, [self, A, 5, READER, A, 6, READER]);
    });

    it('bindRule() runs each step of an async generator in the rule', async () => {
      const seen: unknown[] = [];
      const bound = bindRule('a', async function* () {
        await Promise.resolve();
        seen.push(rules());
        yield 1;
        await new Promise(setImmediate);
        seen.push(rules());
        yield 2;
      });
      await withRule('reader', async () => {
        for await (const value of bound()) seen.push(value, rules());
      });
      assert.deepEqual(seen, [A, 1, READER, A, 2, READER]);
    });

    it('passes values, return() and throw() in, and runs `finally` in the rule', () => {
      const seen: unknown[] = [];
      const bound = bindRule('a', function* (): Generator<number, string, string> {
        try {
          for (;;) {
            try {
              seen.push(yield 1);
            } catch (thrown) {
              seen.push(thrown);
            }
          }
        } finally {
          seen.push(rules());
        }
      });
      const generator = bound();
      assert.deepEqual(generator.next(), { value: 1, done: false });
      assert.deepEqual(generator.next('in'), { value: 1, done: false });
      assert.deepEqual(generator.throw('thrown'), { value: 1, done: false });
      assert.deepEqual(generator.return('end'), { value: 'end', done: true });
      assert.deepEqual(generator.next(), { value: undefined, done: true });
      assert.deepEqual(seen, ['in', 'thrown', A]);
    });

    it('keeps what the generators inherit', () => {
      const plain = function* (): Generator<number> {
        yield 1;
        yield 2;
      };
      Object.assign(plain.prototype as object, { own: true });
      const bound = bindRule('a', plain);
      const generator = bound() as Generator<number> & { own: boolean };
      assert.ok(generator instanceof plain && generator instanceof bound);
      assert.equal(generator.own, true);
      assert.equal(generator[Symbol.iterator](), generator);
      assert.deepEqual([...bound()], [1, 2]);
      const delegating = function* (): Generator<number> {
        yield* bound();
      };
      assert.deepEqual([...delegating()], [1, 2]);
    });

    it('bindRule() gives a step of a stream its rule', async () => {
      const seen: unknown[] = [];
      await withRule('reader', () =>
        pipeline(
          Readable.from(['x']),
          bindRule('a', async function* (source: AsyncIterable<string>) {
            for await (const chunk of source) {
              seen.push(rules());
              yield chunk;
            }
          }),
          async (source: AsyncIterable<string>) => {
            for await (const chunk of source) seen.push(chunk);
          },
        ),
      );
      assert.deepEqual(seen, [A, 'x']);
    });

    it('withRule() runs the body in the rule that reads it', () => {
      const generator = withRule('a', function* () {
        yield rules();
      });
      assert.deepEqual(
        withRule('reader', () => [...generator]),
        [READER],
      );
    });
  });
}

describe('a method of a bound function', () => {
  cleanGlobals();

  it('runs in the rule of its caller; bind the inner function to have it in the rule', () => {
    register(new AsyncLocalStorageContextManager());
    instrument();
    const debounce = <F extends () => unknown>(fn: F): F & { flush: () => unknown } =>
      Object.assign((() => undefined) as unknown as F, { flush: () => fn() });
    const outside = bindRule('a', debounce(rules));
    const inside = debounce(bindRule('a', rules));
    withRule('reader', () => {
      assert.deepEqual(outside.flush(), READER);
      assert.deepEqual(inside.flush(), A);
    });
  });
});
