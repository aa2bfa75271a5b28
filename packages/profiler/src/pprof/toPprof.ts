import type { Profile } from './Profile';
import type { ProfileWindow } from '../model/ProfileWindow';
import { ProfileSum } from './ProfileSum';

/**
 * Returns `window` as a profile in pprof's format. Sample types:
 *
 * - `samples`, `count`: number of samples.
 * - `wall`, `nanoseconds`: number of samples times the mean time between two samples.
 * - `cpu`, `nanoseconds`, the default: the estimate of `attributeCpu`, divided among samples. Its
 *   sum by label is the figure of `attributeCpu`, up to 0.5 ns per sample for rounding. Its total
 *   is the CPU of the process, or of the thread when the window is a worker thread's.
 *
 * A sample has its labels. Samples of work that several rules share are divided by weight into one
 * sample per rule, as whole numbers that keep all sums. In a worker thread's window it also has the
 * label `thread` = `worker-<id>`, unless the user set a label `thread`. Samples of an idle thread
 * are left out. The functions `(wake-ups)`, `(unsampled)` and `(other threads)` hold CPU that no
 * sample accounts for. `(program)` is native code outside JavaScript. A comment says when the
 * window is incomplete.
 *
 * Takes one to two microseconds per sample, in one piece. For a long time with many samples, use
 * `toPprofInTurns`, or sum the windows as they close with `ProfileSum`.
 *
 * @throws InvalidOptionError when `window` is not a window; Error with the name and message of
 * `window.error` when the window failed.
 */
export function toPprof(window: ProfileWindow): Profile {
  const sum = new ProfileSum(Infinity);
  sum.add(window);
  return sum.build();
}
