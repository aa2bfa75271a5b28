import { isMainThread } from 'node:worker_threads';
import { isFlagRaised, threadSetup, timers, warnOnce } from '@rulescope/profiler/internal';

/** An application that has set up only one half for so long, milliseconds, will not add the other. */
const PATIENCE_MILLIS = 60_000;

/**
 * Warns after a minute if there is no code, in this thread or the main thread, that reads the labels
 * that an instrumentation sets.
 * Keeps nothing in memory once there is a reader. Returns a function that ends the wait.
 */
export function expectReader(): () => void {
  const { reader, waiting } = threadSetup();
  if (reader) return () => undefined;
  const timer = timers
    .setTimeout(() => {
      endWait();
      // The main thread reads the labels of its workers too, as soon as it has a consumer.
      if (isFlagRaised('collects')) return;
      warnOnce(
        'rulescope: RuleInstrumentation labels rules, but nothing measures their CPU: add ' +
          'new RuleMetrics() to the instrumentations of your SDK in the main thread',
        'RULESCOPE_NO_METRICS',
      );
    }, PATIENCE_MILLIS)
    .unref();
  const endWait = (): void => {
    waiting.delete(endWait);
    timers.clearTimeout(timer);
  };
  waiting.add(endWait);
  return endWait;
}

/**
 * Records that a rule was entered. In a worker, warns after a minute if the main thread collects
 * windows and this thread has no `RuleInstrumentation`. The main thread itself needs no timer:
 * `RuleMetrics` looks for rules in its windows.
 */
export function ruleEntered(): void {
  const setup = threadSetup();
  if (setup.rules) return;
  setup.rules = true;
  if (isMainThread || setup.instrumentation || !isFlagRaised('collects')) return;
  timers
    .setTimeout(() => {
      if (setup.instrumentation) return;
      warnOnce(
        'rulescope: a worker thread uses rules, but their CPU is not measured: ' +
          'call new RuleInstrumentation() in each worker',
        'RULESCOPE_NO_INSTRUMENTATION',
      );
    }, PATIENCE_MILLIS)
    .unref();
}
