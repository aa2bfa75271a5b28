/** Writes lines to the standard output for `seconds`, `rate` per second. */
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
  // The reader is gone, so the run is over.
}
