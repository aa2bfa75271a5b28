import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allAtOnce } from '../../src/base/steps';
import { encodeInSteps } from '../../src/pprof/encodeInSteps';
import { countSteps } from '../support/countSteps';
import { profileOf, profiles } from '../support/profiles';

describe('encodeInSteps', () => {
  it('gives the same bytes as encode', () => {
    fc.assert(
      fc.property(profiles({ negative: true }), (profile) => {
        const bytes = Buffer.concat(allAtOnce(encodeInSteps(profile)));
        assert.deepEqual(bytes, Buffer.from(profile.encode()));
      }),
    );
  });

  it('has steps of at most 2,000 functions of stacks', () => {
    const stack = Array.from({ length: 100 }, (_, i) => `f${i}`);
    const samples = Array.from({ length: 500 }, () => ({ stack, values: [1] }));
    const profile = profileOf({ samples });
    const { steps, result } = countSteps(encodeInSteps(profile));
    assert.ok(steps > 40, `${steps} steps`);
    assert.deepEqual(Buffer.concat(result), Buffer.from(profile.encode()));
  });
});
