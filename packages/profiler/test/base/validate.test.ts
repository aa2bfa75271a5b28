import assert from 'node:assert/strict';
import { InvalidOptionError } from '../../src/base/errors';
import { type Logger, silentLogger } from '../../src/base/logger';
import {
  functionOption,
  integerInRange,
  knownKeys,
  loggerOption,
  matching,
  nonEmptyString,
} from '../../src/base/validate';

describe('integerInRange', () => {
  it('returns an integer in the range, including both ends', () => {
    for (const value of [1, 2, 3]) assert.equal(integerInRange('o', value, 1, 3), value);
  });

  for (const value of [0, 4, 1.5, NaN, Infinity, '2', 2n, true, null, undefined, [2]]) {
    it(`refuses ${typeof value} ${String(value)}`, () => {
      assert.throws(() => integerInRange('o', value, 1, 3), {
        name: 'InvalidOptionError',
        message: /^o must be an integer from 1 to 3; got /,
      });
    });
  }
});

describe('nonEmptyString', () => {
  it('returns the string', () => {
    for (const value of ['a', ' ', '\0']) assert.equal(nonEmptyString('o', value), value);
  });

  for (const value of ['', undefined, null, 1, {}, ['a'], new String('a')]) {
    it(`refuses ${typeof value} ${JSON.stringify(value)}`, () => {
      assert.throws(() => nonEmptyString('o', value), InvalidOptionError);
    });
  }
});

describe('knownKeys', () => {
  it('accepts any subset of the known keys', () => {
    for (const options of [{}, { a: 1 }, { a: undefined, b: 2 }, Object.create(null)]) {
      assert.doesNotThrow(() => knownKeys('Options', options, ['a', 'b']));
    }
  });

  it('refuses an unknown key and names it with its owner', () => {
    assert.throws(() => knownKeys('Options', { a: 1, c: 2 }, ['a', 'b']), {
      option: 'Options.c',
      message: 'Options.c must be omitted (known options: a, b); got 2',
    });
  });

  for (const key of ['__proto__', 'constructor', 'toString']) {
    it(`refuses the key ${key}`, () => {
      const options = Object.fromEntries([[key, 1]]);
      assert.throws(() => knownKeys('Options', options, ['a']), { option: `Options.${key}` });
    });
  }

  for (const options of [null, undefined, 'a', 1, [], () => 1]) {
    it(`refuses ${String(options) || '[]'} as options`, () => {
      assert.throws(() => knownKeys('Options', options, ['a']), { option: 'Options' });
    });
  }
});

describe('functionOption', () => {
  it('returns the function', () => {
    assert.equal(functionOption('o', Math.max), Math.max);
  });

  for (const value of [undefined, null, {}, 'a', true]) {
    it(`refuses ${typeof value} ${JSON.stringify(value)}`, () => {
      assert.throws(() => functionOption('o', value), {
        name: 'InvalidOptionError',
        message: /^o must be a function; got /,
      });
    });
  }
});

describe('loggerOption', () => {
  it('returns the logger', () => {
    assert.equal(loggerOption('o', silentLogger), silentLogger);
  });

  it('names the method that is missing', () => {
    const { error, warn } = silentLogger;
    for (const [logger, option] of [
      [{ error, warn }, 'o.debug'],
      [{}, 'o.error'],
      [null, 'o.error'],
    ] as const)
      assert.throws(() => loggerOption('o', logger as Logger), { option, value: undefined });
  });
});

describe('matching', () => {
  it('returns text that matches', () => {
    assert.equal(matching('o', 'b', /^[ab]$/, 'a or b'), 'b');
  });

  for (const value of ['c', '', undefined, 1, ['a']]) {
    it(`refuses ${typeof value} ${JSON.stringify(value)}`, () => {
      assert.throws(() => matching('o', value, /^[ab]$/, 'a or b'), {
        name: 'InvalidOptionError',
        message: /^o must be a or b; got /,
      });
    });
  }
});
