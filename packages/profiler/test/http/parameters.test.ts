import assert from 'node:assert/strict';
import { resolveReaderOptions, samplingIntervalOf } from '../../src/collector/options';
import {
  QueryParameters,
  SAMPLE_RATES,
  parseHeapQuery,
  parseProfileQuery,
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

describe('SAMPLE_RATES', () => {
  it('become intervals of about that rate, never in step with timers', () => {
    for (const hz of SAMPLE_RATES) {
      const micros = samplingIntervalOf(hz);
      assert.ok(Math.abs((micros * hz) / 1e6 - 1) < 0.02, `${hz} Hz: ${micros} us`);
      assert.ok(micros % 1000 !== 0 && 1000 % micros !== 0, `${hz} Hz: ${micros} us`);
      resolveReaderOptions({ samplingIntervalMicros: micros });
    }
  });
});

describe('QueryParameters', () => {
  it('takes numbers within bounds, bounds included', () => {
    const number = (query: string) => new QueryParameters(query).number('seconds', 0.1, 300);
    assert.equal(number(''), undefined);
    assert.equal(number('seconds=300'), 300);
    assert.equal(number('seconds=0.1'), 0.1);
    for (const text of [
      'abc',
      '',
      '0',
      '-1',
      '300.1',
      '1e2',
      ' 1',
      '0x10',
      'NaN',
      'Infinity',
      '1,5',
      '９',
    ])
      assert.deepEqual(
        httpError(() => number(`seconds=${encodeURIComponent(text)}`)),
        [400, `seconds must be a number from 0.1 to 300; got ${JSON.stringify(text)}`],
      );
  });

  it('takes integers within bounds, bounds included', () => {
    const integer = (query: string) => new QueryParameters(query).integer('top', 1, 1000);
    assert.deepEqual([integer(''), integer('top=1'), integer('top=1000')], [undefined, 1, 1000]);
    for (const text of ['0', '1001', '1.5', '1.0', '-1', '1e2', '', 'all'])
      assert.deepEqual(
        httpError(() => integer(`top=${text}`)),
        [400, `top must be an integer from 1 to 1000; got "${text}"`],
      );
  });

  it('shortens a long bad value in its error', () => {
    const [, text] = httpError(() =>
      new QueryParameters(`s=${'9'.repeat(9_000)}`).number('s', 1, 2),
    );
    assert.ok(text.length < 200, text);
  });

  it('refuses two values for one parameter', () => {
    assert.deepEqual(
      httpError(() => new QueryParameters('seconds=1&seconds=2').number('seconds', 1, 9)),
      [400, 'seconds must be given once; got 2 values'],
    );
  });

  it('takes one of some numbers, and lists them in its error', () => {
    const choice = (query: string) => new QueryParameters(query).choice('hz', [10, 100]);
    assert.equal(choice(''), undefined);
    assert.equal(choice('hz=100'), 100);
    for (const text of ['', '99', '100.0', '1e2'])
      assert.deepEqual(
        httpError(() => choice(`hz=${text}`)),
        [400, `hz must be one of 10, 100; got "${text}"`],
      );
  });

  it('takes flags', () => {
    const flag = (query: string) => new QueryParameters(query).flag('lines');
    assert.deepEqual([flag(''), flag('lines=0'), flag('lines=1')], [false, false, true]);
    assert.deepEqual(
      httpError(() => flag('lines=yes')),
      [400, 'lines must be 0 or 1; got "yes"'],
    );
  });

  it('refuses an unsupported parameter, unless it is 0', () => {
    const debug = (query: string) => new QueryParameters(query).unsupported('debug', 'because');
    debug('');
    debug('debug=0');
    assert.deepEqual(
      httpError(() => debug('debug=1')),
      [400, 'debug must be 0 (because); got "1"'],
    );
  });

  it('takes all other parameters as labels, with any name and any number of values', () => {
    const parameters = new QueryParameters(
      'rule=r1&seconds=1&rule=r2&tenant=%C3%A9+%22%0D%0A&=empty&__proto__=x&label.seconds=5&label.rule=r3&label.label.a=b',
    );
    parameters.number('seconds', 1, 2);
    assert.deepEqual(Object.entries(parameters.labels()), [
      ['rule', ['r1', 'r2', 'r3']],
      ['tenant', ['é "\r\n']],
      ['', ['empty']],
      ['__proto__', ['x']],
      ['seconds', ['5']],
      ['label.a', ['b']],
    ]);
    assert.deepEqual(parameters.labels(), {});
  });

  it('refuses a parameter that is left over', () => {
    new QueryParameters('').end('because');
    assert.deepEqual(
      httpError(() => new QueryParameters('a=1').end('because')),
      [400, '"a" must be omitted (because); got "1"'],
    );
  });
});
