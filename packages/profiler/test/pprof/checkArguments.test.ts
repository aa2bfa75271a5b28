import assert from 'node:assert/strict';
import { InvalidOptionError } from '../../src/base/errors';
import { checkProfile } from '../../src/pprof/checkArguments';
import type { Profile } from '../../src/pprof/Profile';
import { profileOf } from '../support/profiles';

const WRONG = [undefined, null, 5, 'x', {}, [], Buffer.from('x'), () => undefined];

describe('checkArguments', () => {
  it('accepts a profile', () => {
    checkProfile('profile', profileOf({ samples: [] }));
  });

  for (const value of WRONG) {
    it(`names the argument when it is ${typeof value} ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => checkProfile('base', value as Profile),
        (error: Error) =>
          error instanceof InvalidOptionError &&
          /^base must be a profile in pprof's format, such as .*; got /.test(error.message),
      );
    });
  }
});
