import assert from 'node:assert/strict';
import { FairStart } from '../../src/sampler/FairStart';

/** Creates a `FairStart` with an add-on that logs its calls and returns `slice` from each start. */
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
  it('has no state and loads nothing before the first start', () => {
    const fairStart = new FairStart(() => assert.fail('loaded'));
    assert.equal(fairStart.fairness, undefined);
  });

  it('masks the event loop once and prepares the sampling thread at every start', () => {
    const { calls, fairStart, start } = setUp();
    fairStart.start(true, start);
    fairStart.start(true, start);
    assert.deepEqual(calls, ['before', 'start', 'after', 'mask', 'before', 'start', 'after']);
    assert.deepEqual(fairStart.fairness, { fair: true, slice: 'applied', reason: undefined });
  });

  it('is fair on an older kernel and reports that the slice is ignored', () => {
    const { fairStart, start } = setUp('ignored');
    fairStart.start(true, start);
    assert.deepEqual(fairStart.fairness, { fair: true, slice: 'ignored', reason: undefined });
  });

  it('reports a reason if the system refuses the slice', () => {
    const { fairStart, start } = setUp('refused');
    fairStart.start(true, start);
    const { fair, slice, reason } = fairStart.fairness ?? {};
    assert.deepEqual([fair, slice], [true, 'refused']);
    assert.match(reason?.message ?? '', /refuses a short time slice/);
  });

  it('only starts, and reports no reason, if fairness is not wanted', () => {
    const { calls, fairStart, start } = setUp();
    fairStart.start(false, start);
    assert.deepEqual(calls, ['start']);
    assert.deepEqual(fairStart.fairness, { fair: false, slice: undefined, reason: undefined });
  });

  it('stays fair after the mask, even if fairness is no longer wanted', () => {
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
    it(`starts without fairness if ${what}, and tries to load only once`, () => {
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

  it('has the slice without the mask if libuv refuses the mask, and asks only once', () => {
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

  it('does not mask the event loop if sampling does not start', () => {
    const { calls, fairStart } = setUp();
    const fail = () => {
      throw new Error('busy');
    };
    assert.throws(() => fairStart.start(true, fail), /busy/);
    assert.deepEqual(calls, ['before']);
    assert.equal(fairStart.fairness, undefined);
  });

  it('throws the error of the start', () => {
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
