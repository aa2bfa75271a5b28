/**
 * An application with two rules that burn CPU and with profiles at `/debug/pprof/`. Prints its URL
 * and ends by itself on SIGTERM.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runWithLabels, sharedCollector } from '@rulescope/profiler';
import { createPprofHandler } from '@rulescope/profiler/http';

// The tests look for functions by name. V8 does not report code that it compiled within a loop
// (on-stack replacement) to a profiler that starts later. Its samples would go to the caller.
setFlagsFromString('--no-use-osr');

/** Length of one round of each rule, milliseconds. */
const ROUND = 30;

function countPrimes(): number {
  const end = performance.now() + ROUND;
  let primes = 0;
  for (let candidate = 2; performance.now() < end; candidate++) {
    let prime = 1;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) prime = 0;
    }
    primes += prime;
  }
  return primes;
}

const kept: string[][] = [];

function fillMemory(): void {
  const end = performance.now() + ROUND;
  while (performance.now() < end) {
    kept.push(Array.from({ length: 500 }, (_, i) => `entry ${i} of ${kept.length}`));
    if (kept.length > 200) kept.shift();
  }
}

const rounds = [
  setInterval(() => runWithLabels({ rule: 'primes' }, countPrimes), 2 * ROUND),
  setInterval(() => runWithLabels({ rule: 'memory', tenant: 'a "b"' }, fillMemory), 3 * ROUND),
];

// A permanent reader, like metrics. V8 needs some time after the start of a profiler to report the
// names of all functions.
const always = sharedCollector().addConsumer('always', () => undefined);
const handler = createPprofHandler({ heap: true, logger: console });
const server = createServer(handler).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

process.once('SIGTERM', () => {
  rounds.forEach(clearInterval);
  server.close();
  void handler.close();
  void always.remove();
});
