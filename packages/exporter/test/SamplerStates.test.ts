import assert from 'node:assert/strict';
import type { SamplerSupport } from '@rulescope/profiler';
import { SamplerStates } from '../src/SamplerStates';

type Fairness = NonNullable<SamplerSupport['fairness']>;

function supportOf(
  fairness: Partial<Fairness> | undefined,
  asyncContextFrame = true,
): SamplerSupport {
  const defaults: Fairness = { fair: true, slice: 'applied', reason: undefined };
  return {
    supported: true,
    reason: undefined,
    asyncContextFrame,
    fairness: fairness && { ...defaults, ...fairness },
  };
}

const FAIR = {
  'rulescope.sampler.fair': true,
  'rulescope.sampler.slice': 'applied',
  'rulescope.sampler.context': 'async_context_frame',
};

describe('SamplerStates', () => {
  let states: SamplerStates;

  beforeEach(() => {
    states = new SamplerStates();
  });

  it('has no state until sampling first starts', () => {
    states.update(supportOf(undefined));
    assert.deepEqual([...states.values()], []);
  });

  it('yields 1 for the current state', () => {
    states.update(supportOf({}));
    states.update(supportOf({}));
    assert.deepEqual([...states.values()], [[FAIR, 1]]);
  });

  it('yields 0 for a state that was left, and 1 again when it returns', () => {
    const unfair = {
      'rulescope.sampler.fair': false,
      'rulescope.sampler.context': 'async_context_frame',
    };
    states.update(supportOf({}));
    states.update(supportOf({ fair: false, slice: undefined }));
    assert.deepEqual([...states.values()], [[FAIR, 0], [unfair, 1]]); // prettier-ignore
    states.update(supportOf({}));
    assert.deepEqual([...states.values()], [[FAIR, 1], [unfair, 0]]); // prettier-ignore
  });

  it('yields 0 for all states after the end of sampling, and 1 again when it goes on', () => {
    states.end();
    assert.deepEqual([...states.values()], []);
    states.update(supportOf({}));
    states.end();
    assert.deepEqual([...states.values()], [[FAIR, 0]]);
    states.update(supportOf({}));
    assert.deepEqual([...states.values()], [[FAIR, 1]]);
  });

  it('distinguishes states by slice and by how labels follow asynchronous work', () => {
    states.update(supportOf({ slice: 'ignored' }));
    states.update(supportOf({ slice: 'refused' }));
    states.update(supportOf({ slice: 'refused' }, false));
    assert.deepEqual(
      [...states.values()],
      [
        [{ ...FAIR, 'rulescope.sampler.slice': 'ignored' }, 0],
        [{ ...FAIR, 'rulescope.sampler.slice': 'refused' }, 0],
        [
          {
            ...FAIR,
            'rulescope.sampler.slice': 'refused',
            'rulescope.sampler.context': 'async_hooks',
          },
          1,
        ],
      ],
    );
  });
});
