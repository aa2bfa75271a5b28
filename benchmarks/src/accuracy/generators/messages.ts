/** Posts messages from a worker to its parent. `workerData` is the rate per second. */
import { parentPort, workerData } from 'node:worker_threads';
import { Arrivals } from './arrivals';

const arrivals = new Arrivals(workerData as number);
for (let message = 0; ;) {
  for (let due = arrivals.wait(); due > 0; due--) parentPort?.postMessage(message++);
}
