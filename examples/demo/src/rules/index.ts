import { sortBlocks } from './mergeSort';
import type { DemoRule } from './pacing';
import { primeSieve } from './primeSieve';

const BURST_PERIOD_SECONDS = 8;
const BURST_SECONDS = 2;

/**
 * Returns the four rules. The sieve is the hottest, with twice the CPU of the sort. It has twice as
 * many tasks with the same share each, so that the ratio also holds on a busy machine.
 */
export function demoRules(): DemoRule[] {
  return [
    { id: 'prime-sieve', cores: () => 0.36, tasks: 8, work: primeSieve() },
    { id: 'merge-sort', cores: () => 0.18, tasks: 4, work: sortBlocks() },
    {
      id: 'bursty',
      cores: (seconds) => (seconds % BURST_PERIOD_SECONDS < BURST_SECONDS ? 0.24 : 0),
      tasks: 4,
      work: primeSieve(),
    },
    { id: 'nearly-idle', cores: () => 0.01, tasks: 2, work: sortBlocks() },
  ];
}
