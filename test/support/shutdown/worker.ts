/** A worker thread with the rule `worker`. Says when it is sampled and when work is done. */
import { parentPort, workerData } from 'node:worker_threads';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, withRule } from 'rulescope';
import { burn } from './figures';

const { flag } = workerData as { flag: Int32Array };
new RuleInstrumentation();
const collector = sharedCollector({ windowMillis: 600_000 });

function whenSampled(then: () => void): void {
  if (collector.running) then();
  else setTimeout(() => whenSampled(then), 5);
}

parentPort!.on('message', (message: 'work' | 'block') => {
  if (message === 'work') {
    whenSampled(() => {
      withRule('worker', () => burn(0.3));
      parentPort!.postMessage('done');
    });
  } else {
    Atomics.store(flag, 0, 1);
    Atomics.wait(flag, 0, 1);
  }
});
whenSampled(() => parentPort!.postMessage('sampled'));
