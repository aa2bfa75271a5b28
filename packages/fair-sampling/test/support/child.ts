/**
 * `node child.js <task> <add-on> <scheduling>` does one task with the add-on and prints the result
 * as JSON. With `worker` as a fourth argument, it does the task in a worker thread.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { isMainThread, Worker } from 'node:worker_threads';
import { createFairSampling, type FairSampling } from '../../src/fairSampling';
import { loadAddon } from '../../src/loadAddon';

export interface Scheduling {
  readonly policy: number;
  readonly nice: number;
  readonly slice: number;
}

const [task = '', addon = '', scheduling = '', where] = process.argv.slice(2);

function load(): FairSampling {
  return createFairSampling(loadAddon([addon]));
}

/** Reads the timer slack of the calling thread. */
function timerSlack(): number {
  const thread = basename(readlinkSync('/proc/thread-self'));
  return Number(readFileSync(`/proc/${thread}/timerslack_ns`, 'utf8'));
}

/** Returns the value of `name:` in the status of the calling thread. */
function status(name: string): string {
  const text = readFileSync('/proc/thread-self/status', 'utf8');
  return new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(text)?.[1] ?? 'none';
}

function schedulingOf(threads: readonly string[]): Scheduling[] {
  if (threads.length === 0) return [];
  const lines = execFileSync(scheduling, threads, { encoding: 'utf8' }).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Scheduling);
}

function threads(): string[] {
  return readdirSync('/proc/self/task');
}

function samplingThreads(): string[] {
  return threads().filter(
    (thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8') === 'v8:ProfEvntProc\n',
  );
}

/** Starts a V8 profiler at 1,000 Hz, which creates a sampling thread. */
function startProfiler(): Session {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 1000 });
  session.post('Profiler.start');
  return session;
}

const TASKS: Record<string, () => object | Promise<object>> = {
  load() {
    const known = threads();
    const look = (): object => ({
      slack: timerSlack(),
      blocked: status('SigBlk'),
      scheduling: schedulingOf(known),
    });
    const before = look();
    load();
    return { before, after: look() };
  },

  start() {
    const sampling = load();
    startProfiler();
    const [foreign] = samplingThreads();
    const known = threads();
    const look = (): object => schedulingOf([foreign!, String(process.pid)]);
    const untouched = look();
    const slack = [timerSlack()];
    let starts = 0;
    const state = sampling.startSampler(() => {
      starts++;
      slack.push(timerSlack());
      startProfiler();
    });
    slack.push(timerSlack());
    const started = samplingThreads().filter((thread) => !known.includes(thread));
    return { state, starts, slack, started: schedulingOf(started), untouched, after: look() };
  },

  throw() {
    const sampling = load();
    const before = timerSlack();
    try {
      sampling.startSampler(() => {
        throw new Error('no sampler today');
      });
    } catch (error) {
      return { before, after: timerSlack(), message: (error as Error).message };
    }
    return {};
  },

  ended() {
    // The thread of the other profiler ends after its name was read and before its slice is set.
    const { shortenSlice, ...calls } = loadAddon([addon]);
    const results: number[] = [];
    let other: Session | undefined;
    let ending: string | undefined;
    const sampling = createFairSampling({
      ...calls,
      shortenSlice(threadId) {
        other?.post('Profiler.stop');
        other = undefined;
        while (existsSync(`/proc/self/task/${ending}`));
        results.push(shortenSlice(threadId));
        return results.at(-1)!;
      },
    });
    const state = sampling.startSampler(() => {
      other = startProfiler();
      [ending] = samplingThreads();
      startProfiler();
    });
    return { state, results };
  },

  idle() {
    const state = load().startSampler(() => {
      startProfiler();
      execFileSync(scheduling, ['idle', ...samplingThreads()]);
    });
    return { state, started: schedulingOf(samplingThreads()) };
  },

  otherNamespace() {
    // In a container with the host's /proc, the process has another id there.
    const { pid } = process;
    Object.defineProperty(process, 'pid', { value: pid + 1 });
    const state = load().startSampler(startProfiler);
    return { state, started: schedulingOf(samplingThreads()) };
  },

  nothing: () => ({ state: load().startSampler(() => {}) }),

  wait: () => countSwitches(() => void load()),

  maskedWait: () => countSwitches(() => load().maskPolling()),
};

/** Counts how often the thread goes to sleep while its event loop waits for one timer. */
async function countSwitches(prepare: () => void): Promise<object> {
  prepare();
  startProfiler();
  const before = Number(status('voluntary_ctxt_switches'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { switches: Number(status('voluntary_ctxt_switches')) - before };
}

if (where === 'worker' && isMainThread) {
  new Worker(__filename, { argv: process.argv.slice(2) });
} else {
  void Promise.resolve(TASKS[task]!()).then((seen) => {
    process.stdout.write(JSON.stringify(seen), () => {
      if (isMainThread) process.exit();
    });
  });
}
