import assert from 'node:assert/strict';
import { resolveReaderOptions } from '../../src/collector/options';
import {
  SAMPLE_RATES,
  parseHeapQuery,
  parseProfileQuery,
  samplingIntervalOf,
} from '../../src/http/parameters';
import { httpError } from '../support/httpError';

const LIMITS = { maxSeconds: 300, idleLimitMillis: 0 };

describe('parseProfileQuery', () => {
  it('has defaults', () => {
    assert.deepEqual(parseProfileQuery('', LIMITS), {
      seconds: 30,
      rate: {},
      lines: false,
      thread: undefined,
      sources: false,
      labels: {},
    });
    assert.equal(parseProfileQuery('', { ...LIMITS, maxSeconds: 10 }).seconds, 10);
  });

  it('reads every parameter', () => {
    const query = 'seconds=0.5&hz=200&rule=a&rule=b&tenant=c';
    assert.deepEqual(parseProfileQuery(query, LIMITS), {
      seconds: 0.5,
      rate: { samplingIntervalMicros: 5_051 },
      lines: false,
      thread: undefined,
      sources: false,
      labels: { rule: ['a', 'b'], tenant: ['c'] },
    });
    assert.equal(parseProfileQuery('thread=worker-3', LIMITS).thread, 'worker-3');
    assert.deepEqual(parseProfileQuery('label.thread=a', LIMITS).labels, { thread: ['a'] });
    assert.ok(parseProfileQuery('lines=1', LIMITS).lines);
    assert.ok(parseProfileQuery('sources=1', LIMITS).sources);
    assert.ok(parseHeapQuery('sources=1', LIMITS).sources);
  });

  it('names the wrong parameter, its value and what is allowed', () => {
    const wrong = (query: string) => httpError(() => parseProfileQuery(query, LIMITS));
    assert.deepEqual(wrong('seconds=301'), [
      400,
      'seconds must be a number from 0.1 to 300; got "301"',
    ]);
    assert.deepEqual(wrong('hz=99'), [
      400,
      'hz must be one of 10, 25, 50, 100, 200, 500, 1000; got "99"',
    ]);
    assert.deepEqual(wrong('lines=2'), [400, 'lines must be 0 or 1; got "2"']);
    assert.deepEqual(wrong('debug=1'), [
      400,
      'debug must be 0 (`go tool pprof -top` prints a profile as text); got "1"',
    ]);
    assert.deepEqual(wrong('gc=1'), [
      400,
      'gc must be 0 (V8 decides when to collect garbage); got "1"',
    ]);
    assert.deepEqual(wrong('lines=1&rule=a'), [
      400,
      'lines=1 records without labels, so it cannot be combined with "rule"',
    ]);
  });
});

describe('parseHeapQuery', () => {
  it('reads seconds, and has no default', () => {
    assert.deepEqual(parseHeapQuery('', LIMITS), {
      seconds: undefined,
      thread: undefined,
      sources: false,
    });
    assert.deepEqual(parseHeapQuery('seconds=2&gc=0&debug=0&thread=3', LIMITS), {
      seconds: 2,
      thread: '3',
      sources: false,
    });
  });

  it('refuses labels, and what only Go has', () => {
    const wrong = (query: string) => httpError(() => parseHeapQuery(query, LIMITS));
    assert.deepEqual(wrong('rule=a'), [
      400,
      '"rule" must be omitted (heap samples have no labels; known parameters: seconds, thread, sources); got "a"',
    ]);
    assert.deepEqual(wrong('gc=1'), [
      400,
      'gc must be 0 (V8 decides when to collect garbage); got "1"',
    ]);
  });
});

describe('samplingIntervalOf', () => {
  it('gives about the rate asked for, never in step with timers', () => {
    for (const hz of SAMPLE_RATES) {
      const micros = samplingIntervalOf(hz);
      assert.ok(Math.abs((micros * hz) / 1e6 - 1) < 0.02, `${hz} Hz: ${micros} us`);
      assert.ok(micros % 1000 !== 0 && 1000 % micros !== 0, `${hz} Hz: ${micros} us`);
      resolveReaderOptions({ samplingIntervalMicros: micros });
    }
  });

  it('gives the default interval of a collector for 100 Hz', () => {
    assert.equal(samplingIntervalOf(100), 10_101);
  });

  it('keeps a rate that is not in step', () => {
    assert.equal(samplingIntervalOf(99), 10_101);
    assert.equal(samplingIntervalOf(300), 3_333);
  });
});
