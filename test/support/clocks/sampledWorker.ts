import { sampleWorker } from '@rulescope/profiler';
import { RuleInstrumentation } from 'rulescope';
import { eachTurn } from './turns';

/** Lets the main thread sample this worker, and calls `work` in each turn until it is terminated. */
export function runSampledWorker(work: () => void): void {
  new RuleInstrumentation();
  sampleWorker();
  void eachTurn(() => {
    work();
    return false;
  });
}
