/** Sends requests to `port` at `rate` per second for `seconds`, at exponential distances, over kept connections. */
import { Agent, get } from 'node:http';
import { exponential } from './drive';

const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const end = performance.now() + seconds * 1000;
let next = performance.now();

function tick(): void {
  const now = performance.now();
  if (now >= end) {
    agent.destroy();
    process.exit();
  }
  for (; next <= now; next += exponential(1000 / rate)) {
    get({ host: '127.0.0.1', port, agent }, (response) => response.resume()).on('error', () => {
      // The end of the benchmark cuts what is under way.
    });
  }
  setImmediate(tick);
}
tick();
