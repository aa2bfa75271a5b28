import { attributeCpu, sharedCollector } from '@rulescope/profiler';

/**
 * Sums the CPU of garbage collections that began in code of a rule, in all threads. It is part of
 * the rule's CPU. Returns a function that ends this and returns seconds.
 */
export function measureGc(rule: string): () => Promise<number> {
  let seconds = 0;
  const collector = sharedCollector();
  const consumer = collector.addConsumer('hunt-gc', (window) => {
    seconds += attributeCpu(window, 'rule').labels.get(rule)?.gcCpuSeconds ?? 0;
  });
  return async () => {
    await collector.forceFlush();
    await consumer.remove();
    return seconds;
  };
}
