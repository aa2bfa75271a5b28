import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';

/** One rule of the demo. */
export interface DemoRule {
  readonly id: string;
  /** Returns the cores that all tasks together should use `elapsedSeconds` after the start. */
  readonly cores: (elapsedSeconds: number) => number;
  /** Number of concurrent asynchronous tasks. */
  readonly tasks: number;
  /** One small piece of work. */
  readonly work: () => void;
}

/**
 * Returns the CPU of the process. All tasks share one thread, so its increase over a piece of work
 * is the CPU of that piece.
 */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU after which a task yields the thread to others, seconds. */
const SLICE = 0.004;
/** Most CPU that a task can owe, seconds. On a machine that is too busy, it gives up the rest. */
const MAX_OWED = 0.04;

/** Works and sleeps by turns until `signal` aborts, so that the task uses its part of the cores. */
export async function runTask(rule: DemoRule, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  let last = start;
  let owed = 0;
  while (!signal.aborted) {
    const now = performance.now();
    owed += (rule.cores((now - start) / 1000) / rule.tasks) * ((now - last) / 1000);
    owed = Math.min(owed, MAX_OWED);
    last = now;
    while (owed > 0) {
      owed -= workFor(Math.min(owed, SLICE), rule.work);
      await yieldToLoop();
    }
    // Random naps keep the tasks out of step.
    await sleep(5 + Math.random() * 20, undefined, { signal }).catch(() => undefined);
  }
}

/** Works for at least `seconds` of CPU and returns the seconds used. */
function workFor(seconds: number, work: () => void): number {
  const before = cpuSeconds();
  let used = 0;
  while (used < seconds) {
    work();
    used = cpuSeconds() - before;
  }
  return used;
}
