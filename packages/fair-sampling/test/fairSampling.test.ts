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
  /** Before, during and after the start. */
  readonly slack: readonly number[];
  /** The new sampling threads. */
  readonly started: readonly Scheduling[];
  /** The sampling thread of another profiler and the main thread, before the start. */
  readonly untouched: readonly Scheduling[];
  readonly after: readonly Scheduling[];
}

/** What the kernel makes of a slice: it reads back the slice in use, or has no slice to tell. */
function expected({ untouched }: Started): string {
  return untouched[0]!.slice > 0 ? 'applied' : 'ignored';
}

before(buildBinaries);

for (const [kind, addon] of [
  ['built from source', BUILT],
  ['shipped', SHIPPED],
] as const) {
  describe(`fair sampling, ${kind}`, () => {
    it('changes nothing when it is loaded', () => {
      const { before, after } = runChild<{ before: object; after: object }>('load', addon);
      assert.deepEqual(after, before);
    });

    for (const worker of [false, true]) {
      describe(worker ? 'in a worker thread' : 'on the main thread', () => {
        it('gives the new sampling thread the short slice, and no other thread', () => {
          const seen = runChild<Started>('start', addon, { worker });
          assert.equal(seen.state, expected(seen));
          assert.equal(seen.started.length, 1);
          assert.equal(seen.started[0]!.slice === SHORT, seen.state === 'applied');
          assert.notEqual(seen.untouched[0]!.slice, SHORT);
          assert.deepEqual(seen.after, seen.untouched);
        });

        it('starts the sampler once, with the shortest timer slack, and puts the slack back', () => {
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

    it('puts the slack back when the start throws, and throws the same', () => {
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

    it('leaves a sampling thread of the idle policy as it is: ignored', () => {
      // The filter would turn an attempt into `refused`.
      const under = [REFUSE, 'slice'];
      const seen = runChild<Pick<Started, 'state' | 'started'>>('idle', addon, { under });
      assert.equal(seen.state, 'ignored');
      assert.equal(seen.started[0]!.policy, 5);
    });

    it('says refused when the start makes no sampling thread', () => {
      assert.deepEqual(runChild('nothing', addon), { state: 'refused' });
    });

    it('judges by the other threads when a new sampling thread ends in between', () => {
      const seen = runChild<{ state: string; results: number[] }>('ended', addon);
      const [ended, lives] = seen.results.sort((a, b) => a - b) as [number, number];
      assert.equal(ended, -constants.errno.ESRCH);
      assert.equal(seen.state, lives === 1 ? 'applied' : 'ignored');
    });

    it('touches no thread, and says refused, where /proc is of another PID namespace', () => {
      const seen = runChild<Pick<Started, 'state' | 'started'>>('otherNamespace', addon);
      assert.equal(seen.state, 'refused');
      assert.notEqual(seen.started[0]!.slice, SHORT);
    });

    for (const call of ['slice', 'slack']) {
      it(`says refused when the kernel refuses the ${call}, and starts the sampler`, () => {
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

  /** An add-on that records its calls. */
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

  it('only starts the sampler on other systems than Linux', () => {
    const addon = fakeAddon({});
    let starts = 0;
    assert.equal(
      createFairSampling(addon, 'darwin').startSampler(() => starts++),
      'ignored',
    );
    assert.equal(starts, 1);
    assert.deepEqual(addon.calls, []);
  });

  it('does not put back a slack that it could not read', () => {
    const addon = fakeAddon({ replaceTimerSlack: -1 });
    assert.equal(
      createFairSampling(addon, 'linux').startSampler(() => {}),
      'refused',
    );
    assert.deepEqual(addon.calls, [['replaceTimerSlack', 1]]);
  });

  it('throws what libuv says against the mask', () => {
    const { maskPolling } = createFairSampling(fakeAddon({ maskPolling: -22 }));
    assert.throws(maskPolling, /^Error: libuv does not keep SIGPROF from polling: EINVAL$/);
  });
});
