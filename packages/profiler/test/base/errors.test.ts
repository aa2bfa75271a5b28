import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { InvalidOptionError, SamplerUnavailableError, toError } from '../../src/base/errors';

describe('InvalidOptionError', () => {
  it('names the option, the allowed values and the received value', () => {
    const error = new InvalidOptionError('windowMillis', 'x', 'an integer');
    assert.equal(error.message, 'windowMillis must be an integer; got "x"');
    assert.equal(error.option, 'windowMillis');
    assert.equal(error.value, 'x');
    assert.equal(error.allowed, 'an integer');
    assert.equal(error.name, 'InvalidOptionError');
    assert.ok(error instanceof TypeError);
  });

  for (const [value, description] of [
    ['a "quoted"\nline', '"a \\"quoted\\"\\nline"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [1.5, '1.5'],
    [10n, '10'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [{ secret: 'x' }, 'an object'],
    [Object.create(null), 'an object'],
  ] as const) {
    it(`describes the value ${description}`, () => {
      const { message } = new InvalidOptionError('o', value, 'a');
      assert.equal(message, `o must be a; got ${description}`);
    });
  }
});

describe('SamplerUnavailableError', () => {
  it('keeps its cause', () => {
    const cause = new Error('dlopen');
    const error = new SamplerUnavailableError('does not load', { cause });
    assert.equal(error.cause, cause);
    assert.equal(error.name, 'SamplerUnavailableError');
  });
});

describe('toError', () => {
  it('returns an Error unchanged', () => {
    const error = new RangeError('x');
    assert.equal(toError(error), error);
  });

  it('copies an Error of another realm, with its name and its code', () => {
    const code = `Object.assign(new TypeError('x'), { code: 'MODULE_NOT_FOUND' })`;
    const foreign = runInNewContext(code) as NodeJS.ErrnoException;
    const error: NodeJS.ErrnoException = toError(foreign);
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.name, error.message, error.code, error.stack, error.cause],
      ['TypeError', 'x', 'MODULE_NOT_FOUND', foreign.stack, foreign],
    );
  });

  for (const [thrown, message] of [
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [Symbol('s'), 'Symbol(s)'],
  ] as const) {
    it(`converts ${String(thrown)} to an Error`, () => {
      assert.equal(toError(thrown).message, message);
    });
  }

  it('never throws, even for a value without a string form', () => {
    const hostile = {
      toString() {
        throw new Error('no');
      },
    };
    assert.ok(toError(Object.create(null)) instanceof Error);
    assert.ok(toError(hostile) instanceof Error);
  });
});
