/** A worker that enters rules and allocates without pause, until it is terminated. */
import { setImmediate } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { RuleInstrumentation, withRule } from 'rulescope';

new RuleInstrumentation();
parentPort!.postMessage('online');

/** Keeps some of what it allocates, so that the garbage collector has to move it. */
const kept: object[][] = [];

async function allocate(): Promise<void> {
  for (let i = 0; ; i++) {
    await withRule(`rule ${i % 10}`, async () => {
      kept[i % 50] = Array.from({ length: 2_000 }, (_, j) => ({ text: `${i}:${j}` }));
      await setImmediate();
    });
  }
}

void allocate();
