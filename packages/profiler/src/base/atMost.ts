import { timers } from './timers';

/**
 * Fulfills when `work` has fulfilled, or after `millis`. Keeps the process alive until then:
 * otherwise a process that has nothing else to do would end while its caller waits.
 */
export function atMost(millis: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = timers.setTimeout(resolve, millis);
    void work.then(() => {
      timers.clearTimeout(timer);
      resolve();
    });
  });
}
