import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Addon } from './loadAddon';

/**
 * State of the short time slice.
 *
 * - `applied`: the kernel uses it.
 * - `ignored`: there is no such slice (Linux before 6.12, other systems, threads under a real-time
 *   or idle policy).
 * - `refused`: a call failed, or no new sampling thread was found.
 */
export type SliceState = 'applied' | 'ignored' | 'refused';

/** Calls that keep V8's sampler independent of the work that it samples. */
export interface FairSampling {
  /**
   * Keeps SIGPROF from interrupting the calling thread's event loop while it waits for events.
   * Lasts as long as the loop and cannot be undone.
   *
   * @throws {Error} if libuv refuses. The message names the error.
   */
  maskPolling(): void;
  /**
   * Calls `start`, which creates V8's sampling threads, while the timer slack of the calling thread
   * is 1 ns. Restores the slack afterwards, even if `start` throws. Then gives the short slice to
   * each V8 sampling thread of the process that was created during the call.
   *
   * If another JavaScript thread starts a sampler at the same time, its sampling thread can get the
   * short slice too. That thread then gets its turn sooner, but no more CPU.
   *
   * On systems other than Linux, only calls `start`. Throws only the errors of `start`.
   */
  startSampler(start: () => void): SliceState;
}

/** Name that V8 gives its sampling threads, in all versions of Node.js from 20 to 26. */
const SAMPLING_THREAD = 'v8:ProfEvntProc';

const SHORTEST_TIMER_SLACK_NANOS = 1;

const THREAD_HAS_ENDED = -constants.errno.ESRCH;

/**
 * Creates the calls on top of the native add-on.
 *
 * @param platform Value of `process.platform`.
 */
export function createFairSampling(
  addon: Addon,
  platform: NodeJS.Platform = process.platform,
): FairSampling {
  return {
    maskPolling() {
      const code = addon.maskPolling();
      if (code !== 0) {
        throw new Error(
          `libuv cannot block SIGPROF while the event loop waits: ${getSystemErrorName(code)}`,
        );
      }
    },
    startSampler(start) {
      if (platform === 'linux') return startOnLinux(addon, start);
      start();
      return 'ignored';
    },
  };
}

function startOnLinux(addon: Addon, start: () => void): SliceState {
  const before = listThreads();
  const slack = addon.replaceTimerSlack(SHORTEST_TIMER_SLACK_NANOS);
  try {
    start();
  } finally {
    // The new thread has inherited the short slack. This thread wakes up less often with its own
    // slack.
    if (slack >= 0) addon.replaceTimerSlack(slack);
  }
  // A new sampling thread of another JavaScript thread can end after its name was read.
  const results = samplingThreads(before)
    .map((threadId) => addon.shortenSlice(threadId))
    .filter((result) => result !== THREAD_HAS_ENDED);
  if (slack < 0 || results.length === 0 || results.some((result) => result < 0)) return 'refused';
  return results.every((result) => result === 1) ? 'applied' : 'ignored';
}

/**
 * Returns the V8 sampling threads of the process that are not in `before`. V8 names a sampling
 * thread before its own start returns. Threads that ran before belong to other profilers, for
 * example to an inspector.
 */
function samplingThreads(before: ReadonlySet<number> | undefined): number[] {
  if (before === undefined) return [];
  return [...(listThreads() ?? [])].filter((threadId) => {
    if (before.has(threadId)) return false;
    try {
      return readFileSync(`/proc/self/task/${threadId}/comm`, 'utf8').trimEnd() === SAMPLING_THREAD;
    } catch {
      return false; // The thread has ended.
    }
  });
}

/**
 * Returns the ids of the process's threads. Returns `undefined` if `/proc` cannot be read or
 * belongs to another PID namespace (a container with the host's `/proc`), where the same ids refer
 * to threads of other processes.
 */
function listThreads(): ReadonlySet<number> | undefined {
  try {
    if (readlinkSync('/proc/self') !== String(process.pid)) return undefined;
    return new Set(readdirSync('/proc/self/task').map(Number));
  } catch {
    return undefined;
  }
}
