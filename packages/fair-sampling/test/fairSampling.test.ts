import { strict as assert } from 'node:assert';
import { constants } from 'node:os';
import { createFairSampling } from '../src/fairSampling';
import type { Addon } from '../src/loadAddon';
import { BUILT, REFUSE, SHIPPED, buildBinaries } from './support/binaries';
import type { Scheduling } from './support/child';
import { runChild } from './support/runChild';

const SHORT = 100_000;

interface Started {
  readonly state: string;
  readonly starts: number;
  /** Timer slack before, during and after the start. */
  readonly slack: readonly number[];
  /** New sampling threads. */
  readonly started: readonly Scheduling[];
  /** Sampling thread of another profiler and the main thread, before the start. */
  readonly untouched: readonly Scheduling[];
  /** The same threads after the start. */
  readonly after: readonly Scheduling[];
}

/** Returns the expected state of the slice. A kernel with slices reports the slice in use. */
function expected({ untouched }: Started): string {
  return untouched[0]!.slice > 0 ? 'applied' : 'ignored';
}

before(buildBinaries);

for (const [kind, addon] of [
  ['built from source', BUILT],
  ['shipped', SHIPPED],
] as const) {
  describe(`fair sampling, ${kind}`, () => {
    it('changes nothing in the process when it is loaded', () => {
      const { before, after } = runChild<{ before: object; after: object }>('load', addon);
      assert.deepEqual(after, before);
    });

    for (const worker of [false, true]) {
      describe(worker ? 'in a worker thread' : 'on the main thread', () => {
        it('gives the short slice to the new sampling thread, and to no other thread', () => {
          const seen = runChild<Started>('start', addon, { worker });
          assert.equal(seen.state, expected(seen));
          assert.equal(seen.started.length, 1);
          assert.equal(seen.started[0]!.slice === SHORT, seen.state === 'applied');
          assert.notEqual(seen.untouched[0]!.slice, SHORT);
          assert.deepEqual(seen.after, seen.untouched);
        });

        it('starts the sampler once, with the shortest timer slack, and restores the slack', () => {
          const { starts, slack } = runChild<Started>('start', addon, { worker });
          assert.equal(starts, 1);
          assert.notEqual(slack[0], 1);
          assert.deepEqual(slack, [slack[0], 1, slack[0]]);
        });

        it('keeps the sampler from waking a masked event loop', () => {
          const plain = runChild<{ switches: number }>('wait', addon, { worker });
          const masked = runChild<{ switches: number }>('maskedWait', addon, { worker });
          assert.ok(plain.switches > 40, `${plain.switches} without the mask`);
          assert.ok(
            masked.switches < plain.switches / 4,
            `${masked.switches} with the mask, ${plain.switches} without`,
          );
        });
      });
    }

    it('restores the slack if the start throws, and throws the same error', () => {
      const seen = runChild<Record<string, unknown>>('throw', addon);
      assert.equal(seen['message'], 'no sampler today');
      assert.notEqual(seen['before'], 1);
      assert.equal(seen['after'], seen['before']);
    });

    it('keeps the nice value and the batch policy', () => {
      const under = ['nice', '-n', '5', 'chrt', '--batch', '0'];
      const seen = runChild<Started>('start', addon, { under });
      assert.equal(seen.state, expected(seen));
      const [{ policy, nice }] = seen.started as [Scheduling];
      assert.deepEqual({ policy, nice }, { policy: 3, nice: seen.untouched[1]!.nice });
      assert.ok(nice >= 5);
    });

    it('does not change a sampling thread with the idle policy, and returns ignored', () => {
      // The filter would turn an attempt to set the slice into `refused`.
      const under = [REFUSE, 'slice'];
      const seen = runChild<Pick<Started, 'state' | 'started'>>('idle', addon, { under });
      assert.equal(seen.state, 'ignored');
      assert.equal(seen.started[0]!.policy, 5);
    });

    it('returns refused if the start creates no sampling thread', () => {
      assert.deepEqual(runChild('nothing', addon), { state: 'refused' });
    });

    it('ignores a new sampling thread that ends during the call', () => {
      const seen = runChild<{ state: string; results: number[] }>('ended', addon);
      const [ended, lives] = seen.results.sort((a, b) => a - b) as [number, number];
      assert.equal(ended, -constants.errno.ESRCH);
      assert.equal(seen.state, lives === 1 ? 'applied' : 'ignored');
    });

    it('changes no thread and returns refused if /proc is of another PID namespace', () => {
      const seen = runChild<Pick<Started, 'state' | 'started'>>('otherNamespace', addon);
      assert.equal(seen.state, 'refused');
      assert.notEqual(seen.started[0]!.slice, SHORT);
    });

    for (const call of ['slice', 'slack']) {
      it(`starts the sampler and returns refused if the kernel refuses the ${call}`, () => {
        const seen = runChild<Started>('start', addon, { under: [REFUSE, call] });
        assert.equal(seen.state, 'refused');
        assert.equal(seen.starts, 1);
        assert.equal(seen.started.length, 1);
        assert.equal(seen.slack[2], seen.slack[0]);
      });
    }
  });
}

describe('fair sampling', () => {
  type Call = Exclude<keyof Addon, 'source'>;

  /** Creates an add-on that records its calls. */
  function fakeAddon(results: Partial<Record<Call, number>>): Addon & { calls: unknown[] } {
    const calls: unknown[] = [];
    const call =
      (name: Call) =>
      (...args: unknown[]) => {
        calls.push([name, ...args]);
        return results[name] ?? 0;
      };
    return {
      calls,
      source: '',
      maskPolling: call('maskPolling'),
      shortenSlice: call('shortenSlice'),
      replaceTimerSlack: call('replaceTimerSlack'),
    };
  }

  it('only starts the sampler on systems other than Linux', () => {
    const addon = fakeAddon({});
    let starts = 0;
    assert.equal(
      createFairSampling(addon, 'darwin').startSampler(() => starts++),
      'ignored',
    );
    assert.equal(starts, 1);
    assert.deepEqual(addon.calls, []);
  });

  it('does not restore a slack that it could not read', () => {
    const addon = fakeAddon({ replaceTimerSlack: -1 });
    assert.equal(
      createFairSampling(addon, 'linux').startSampler(() => {}),
      'refused',
    );
    assert.deepEqual(addon.calls, [['replaceTimerSlack', 1]]);
  });

  it('throws the error of libuv if the mask fails', () => {
    const { maskPolling } = createFairSampling(fakeAddon({ maskPolling: -22 }));
    assert.throws(
      maskPolling,
      /^Error: libuv cannot block SIGPROF while the event loop waits: EINVAL$/,
    );
  });
});
