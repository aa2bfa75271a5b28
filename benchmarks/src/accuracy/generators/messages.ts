/** In a worker: posts messages to its parent at the rate per second that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import { Arrivals } from './arrivals';

const arrivals = new Arrivals(workerData as number);
for (let message = 0; ;) {
  for (let due = arrivals.wait(); due > 0; due--) parentPort?.postMessage(message++);
}
