/** Sends requests to `port` for `seconds`, `rate` per second, over kept-alive connections. */
import { Agent, get } from 'node:http';
import { Arrivals } from './arrivals';

const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const arrivals = new Arrivals(rate);
const end = performance.now() + seconds * 1000;

function turn(): void {
  if (performance.now() >= end) process.exit();
  for (let due = arrivals.wait(); due > 0; due--) {
    get({ host: '127.0.0.1', port, agent }, (response) => response.resume())
      // The server is gone, so the run is over.
      .on('error', () => process.exit());
  }
  setImmediate(turn);
}
turn();
