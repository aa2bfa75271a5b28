/**
 * An application whose work is in worker threads, with profiles at `/debug/pprof/`. Prints its URL.
 * Its first worker works. The second one ends at `/exit`, and the third one is terminated at
 * `/terminate`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { runWithLabels, sampleWorker } from '@rulescope/profiler';
import { createPprofHandler } from '@rulescope/profiler/http';

/** Length of one round of work, milliseconds. */
const ROUND = 20;

interface Entry {
  readonly id: number;
  readonly text: string;
}

class EntryBuffer {
  private entries: Entry[] = [];

  add(id: number): void {
    if (this.entries.length === 1_000) this.entries = [];
    this.entries.push({ id, text: `entry ${id}` });
  }
}

function mixBits(rounds: number): number {
  let bits = 1;
  for (let round = 0; round < rounds; round++) {
    bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  }
  return bits;
}

const buffer = new EntryBuffer();

function fillBuffer(): void {
  for (let id = 0; id < 10_000; id++) buffer.add(id);
}

function work(): void {
  const end = performance.now() + ROUND;
  while (performance.now() < end) mixBits(100_000);
  fillBuffer();
}

function startWorkers(): void {
  const workers = [1, 2, 3].map(() => new Worker(__filename, { name: 'appender' }));
  const handler = createPprofHandler({ logger: console });
  const server = createServer((request, response) => {
    if (request.url === '/exit') workers[1]!.postMessage('exit');
    else if (request.url === '/terminate') void workers[2]!.terminate();
    else return handler(request, response);
    response.end();
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
}

if (isMainThread) startWorkers();
else {
  sampleWorker();
  setInterval(() => runWithLabels({ rule: 'append' }, work), 2 * ROUND);
  parentPort!.on('message', () => process.exit());
}
