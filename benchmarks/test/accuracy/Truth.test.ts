import assert from 'node:assert/strict';
import { Truth } from '../../src/accuracy/Truth';

/** CPU of one reading of the clock. The clock takes its value in the middle. */
const READING_MICROS = 2;
/** CPU of the readings that each piece adds to its rule. */
const READINGS_MICROS = 3 * READING_MICROS;

let micros = 0;

function burn(micro: number): void {
  micros += micro;
}

function readClock(): number {
  burn(READING_MICROS / 2);
  const now = micros;
  burn(READING_MICROS / 2);
  return now;
}

/** Takes the truth, in microseconds. */
function takeMicros(truth: Truth): Record<string, number> {
  const seconds = Object.entries(truth.take());
  return Object.fromEntries(seconds.map(([rule, each]) => [rule, Math.round(each * 1e6)]));
}

describe('Truth', () => {
  it('counts the CPU of a piece and of the clock readings around it', () => {
    const truth = new Truth(readClock);
    truth.measure('a', () => burn(100));
    assert.deepEqual(takeMicros(truth), { a: 100 + READINGS_MICROS });
  });

  it('counts all CPU of two pieces that follow each other', () => {
    const truth = new Truth(readClock);
    const begin = micros;
    truth.measure('a', () => burn(100));
    truth.measure('b', () => burn(10));
    const { a = NaN, b = NaN } = takeMicros(truth);
    assert.equal(a + b, micros - begin);
  });

  it('counts a nested piece only for its own rule', () => {
    const truth = new Truth(readClock);
    truth.measure('outer', () => {
      burn(10);
      truth.measure('inner', () => {
        burn(5);
        truth.measure('innermost', () => burn(1));
      });
      burn(20);
      truth.measure('inner', () => burn(7));
    });
    assert.deepEqual(takeMicros(truth), {
      outer: 30 + READINGS_MICROS,
      inner: 12 + 2 * READINGS_MICROS,
      innermost: 1 + READINGS_MICROS,
    });
  });

  it('adds up the pieces of a rule, even if they are nested in each other', () => {
    const truth = new Truth(readClock);
    truth.measure('a', () => truth.measure('a', () => burn(100)));
    truth.measure('a', () => burn(10));
    assert.deepEqual(takeMicros(truth), { a: 110 + 3 * READINGS_MICROS });
  });

  it('returns the result of a piece, and counts a piece that throws', () => {
    const truth = new Truth(readClock);
    assert.equal(
      truth.measure('a', () => 'done'),
      'done',
    );
    truth.take();
    const fail = (): void => {
      burn(100);
      throw new Error('failed');
    };
    assert.throws(() => truth.measure('a', fail), /failed/);
    assert.deepEqual(takeMicros(truth), { a: 100 + READINGS_MICROS });
  });

  it('starts from zero after take', () => {
    const truth = new Truth(readClock);
    truth.measure('a', () => burn(100));
    truth.take();
    assert.deepEqual(truth.take(), {});
  });

  it('reads the CPU clock of the thread by default', () => {
    const truth = new Truth();
    const end = process.cpuUsage().user + 20_000;
    truth.measure('a', () => {
      while (process.cpuUsage().user < end);
    });
    const { a = NaN } = truth.take();
    assert(a > 0 && a < 10, `20 ms of CPU count as ${a} s`);
  });
});
