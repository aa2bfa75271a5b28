/** Writes lines to the standard output at `rate` per second for `seconds`. */
import { writeSync } from 'node:fs';
import { Arrivals } from './arrivals';

const [rate = 0, seconds = 0] = process.argv.slice(2).map(Number);
const arrivals = new Arrivals(rate);
const end = performance.now() + seconds * 1000;
try {
  for (let line = 0; performance.now() < end;) {
    for (let due = arrivals.wait(); due > 0; due--) writeSync(1, `line ${line++}\n`);
  }
} catch {
  // The reader is gone: the run is over.
}
