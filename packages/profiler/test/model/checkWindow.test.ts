import assert from 'node:assert/strict';
import { checkWindow } from '../../src/model/checkWindow';
import { recording, windowOf } from '../support/builders';

const WRONG = [undefined, null, 5, 'x', {}, [], Buffer.from('x'), () => undefined];

describe('checkWindow', () => {
  it('accepts a window, also one that failed', () => {
    checkWindow(windowOf(recording()));
    checkWindow(windowOf(new Error('no sampler')));
  });

  for (const value of WRONG) {
    it(`throws for ${typeof value} ${JSON.stringify(value)}`, () => {
      assert.throws(() => checkWindow(value as never), /^InvalidOptionError: window must be a /);
    });
  }
});
