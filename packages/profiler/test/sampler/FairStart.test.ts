import assert from 'node:assert/strict';
import { FairStart } from '../../src/sampler/FairStart';

/** An add-on that logs what it is told, and starts samplers with a slice of `slice`. */
function setUp(slice: 'applied' | 'ignored' | 'refused' = 'applied') {
  const calls: string[] = [];
  const addon = {
    maskPolling: () => void calls.push('mask'),
    startSampler: (start: () => void) => {
      calls.push('before');
      start();
      calls.push('after');
      return slice;
    },
  };
  const fairStart = new FairStart(() => ({ loadFairSampling: () => addon }));
  return { calls, addon, fairStart, start: () => void calls.push('start') };
}

describe('FairStart', () => {
  it('is in no state before the first start, and loads nothing', () => {
    const fairStart = new FairStart(() => assert.fail('loaded'));
    assert.equal(fairStart.fairness, undefined);
  });

  it('masks the loop once and attends to the sampling thread at every start', () => {
    const { calls, fairStart, start } = setUp();
    fairStart.start(true, start);
    fairStart.start(true, start);
    assert.deepEqual(calls, ['before', 'start', 'after', 'mask', 'before', 'start', 'after']);
    assert.deepEqual(fairStart.fairness, { fair: true, slice: 'applied', reason: undefined });
  });

  it('takes an older kernel for fair, and says that the slice is ignored', () => {
    const { fairStart, start } = setUp('ignored');
    fairStart.start(true, start);
    assert.deepEqual(fairStart.fairness, { fair: true, slice: 'ignored', reason: undefined });
  });

  it('gives a reason when the system refuses the slice', () => {
    const { fairStart, start } = setUp('refused');
    fairStart.start(true, start);
    const { fair, slice, reason } = fairStart.fairness ?? {};
    assert.deepEqual([fair, slice], [true, 'refused']);
    assert.match(reason?.message ?? '', /refuses a short time slice/);
  });

  it('only starts, and gives no reason, when fairness is not wanted', () => {
    const { calls, fairStart, start } = setUp();
    fairStart.start(false, start);
    assert.deepEqual(calls, ['start']);
    assert.deepEqual(fairStart.fairness, { fair: false, slice: undefined, reason: undefined });
  });

  it('knows that the loop stays masked when fairness is no longer wanted', () => {
    const { fairStart, start } = setUp();
    fairStart.start(true, start);
    fairStart.start(false, start);
    assert.deepEqual(fairStart.fairness, { fair: true, slice: undefined, reason: undefined });
  });

  for (const [what, load] of Object.entries({
    'the package is missing': () => {
      throw new Error('none');
    },
    'the add-on does not load': () => ({
      loadFairSampling: () => {
        throw new Error('none');
      },
    }),
  })) {
    it(`starts all the same, unfair, when ${what}; it tries once`, () => {
      let loads = 0;
      let starts = 0;
      const fairStart = new FairStart(() => (loads++, load()));
      fairStart.start(true, () => starts++);
      fairStart.start(true, () => starts++);
      assert.deepEqual([loads, starts], [1, 2]);
      const { fair, slice, reason } = fairStart.fairness ?? {};
      assert.deepEqual([fair, slice, reason?.message], [false, undefined, 'none']);
    });
  }

  it('has the slice, though not the mask, where libuv refuses that; it asks once', () => {
    const { calls, addon, fairStart, start } = setUp();
    addon.maskPolling = () => {
      calls.push('mask');
      throw new Error('not supported');
    };
    fairStart.start(true, start);
    fairStart.start(true, start);
    assert.equal(calls.filter((call) => call === 'mask').length, 1);
    const { fair, slice, reason } = fairStart.fairness ?? {};
    assert.deepEqual([fair, slice, reason?.message], [false, 'applied', 'not supported']);
  });

  it('leaves the loop alone where sampling does not start', () => {
    const { calls, fairStart } = setUp();
    const fail = () => {
      throw new Error('busy');
    };
    assert.throws(() => fairStart.start(true, fail), /busy/);
    assert.deepEqual(calls, ['before']);
    assert.equal(fairStart.fairness, undefined);
  });

  it('throws what the start throws', () => {
    const { fairStart } = setUp();
    const thrown = new Error('busy');
    assert.throws(
      () =>
        fairStart.start(true, () => {
          throw thrown;
        }),
      thrown,
    );
  });
});
