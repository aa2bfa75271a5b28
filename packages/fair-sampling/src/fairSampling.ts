import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Addon } from './loadAddon';

/**
 * Whether the kernel uses the short slice. `ignored`: it has no such slice (Linux before 6.12,
 * other systems, threads under a real-time or idle policy). `refused`: a call failed, or no new
 * sampling thread was found.
 */
export type SliceState = 'applied' | 'ignored' | 'refused';

/** The calls that keep V8's sampler independent of the work it samples. */
export interface FairSampling {
  /**
   * Keeps SIGPROF from interrupting the calling thread's event loop while it waits for events.
   * Lasts as long as the loop.
   *
   * @throws {Error} that says why not.
   */
  maskPolling(): void;
  /**
   * Calls `start`, which makes V8's sampling threads, with a timer slack of 1 ns, and puts the
   * slack back, also when `start` throws. Gives the short slice to each V8 sampling thread of the
   * process that is new since the call. If another JavaScript thread starts a sampler at the same
   * time, its sampling thread can be among them: it then gets its turn sooner, and no more CPU.
   * Throws only what `start` throws.
   */
  startSampler(start: () => void): SliceState;
}

/** The name that V8 gives its sampling threads, in all versions of Node.js from 20 to 26. */
const SAMPLING_THREAD = 'v8:ProfEvntProc';

const SHORTEST_TIMER_SLACK_NANOS = 1;

const THREAD_HAS_ENDED = -constants.errno.ESRCH;

/** @param platform - `process.platform`. */
export function createFairSampling(
  addon: Addon,
  platform: NodeJS.Platform = process.platform,
): FairSampling {
  return {
    maskPolling() {
      const code = addon.maskPolling();
      if (code !== 0) {
        throw new Error(`libuv does not keep SIGPROF from polling: ${getSystemErrorName(code)}`);
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
    // The new thread has inherited the short slack. With its own, this thread wakes up less often.
    if (slack >= 0) addon.replaceTimerSlack(slack);
  }
  // Another JavaScript thread's new sampling thread can end after its name was read.
  const results = samplingThreads(before)
    .map((threadId) => addon.shortenSlice(threadId))
    .filter((result) => result !== THREAD_HAS_ENDED);
  if (slack < 0 || results.length === 0 || results.some((result) => result < 0)) return 'refused';
  return results.every((result) => result === 1) ? 'applied' : 'ignored';
}

/**
 * Returns the V8 sampling threads of the process that are not among `before`. V8 names the thread
 * before its own start returns. Threads that ran before belong to other profilers, an inspector's
 * for example.
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
 * Returns the ids of the process's threads, or `undefined` where `/proc` cannot be read or belongs
 * to another PID namespace (a container with the host's `/proc`). There, the same ids would mean
 * threads of other processes.
 */
function listThreads(): ReadonlySet<number> | undefined {
  try {
    if (readlinkSync('/proc/self') !== String(process.pid)) return undefined;
    return new Set(readdirSync('/proc/self/task').map(Number));
  } catch {
    return undefined;
  }
}
