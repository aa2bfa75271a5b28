import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';

/** One rule of the demo. */
export interface DemoRule {
  readonly id: string;
  /** Cores the rule shall use `elapsedSeconds` after the start, all its tasks together. */
  readonly cores: (elapsedSeconds: number) => number;
  /** Concurrent asynchronous tasks. */
  readonly tasks: number;
  /** One small piece of work. */
  readonly work: () => void;
}

/** The tasks of all rules share one thread, so the CPU of the process around a piece of work is that of the piece. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU after which a task lets others have the thread, seconds. */
const SLICE = 0.004;
/** A machine too busy for the plan must not be chased for ever: a task never owes more than this, seconds of CPU. */
const MOST_OWED = 0.04;

/** Runs one task of a rule until `signal` aborts: works, and sleeps, so that it uses its part of the rule's cores. */
export async function runTask(rule: DemoRule, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  let last = start;
  let owed = 0;
  while (!signal.aborted) {
    const now = performance.now();
    owed += (rule.cores((now - start) / 1000) / rule.tasks) * ((now - last) / 1000);
    owed = Math.min(owed, MOST_OWED);
    last = now;
    while (owed > 0) {
      owed -= workFor(Math.min(owed, SLICE), rule.work);
      await yieldToLoop();
    }
    // Uneven naps keep the tasks from marching in step.
    await sleep(5 + Math.random() * 20, undefined, { signal }).catch(() => undefined);
  }
}

/** Works for at least `seconds` of CPU and returns how many it was. */
function workFor(seconds: number, work: () => void): number {
  const before = cpuSeconds();
  let used = 0;
  while (used < seconds) {
    work();
    used = cpuSeconds() - before;
  }
  return used;
}
