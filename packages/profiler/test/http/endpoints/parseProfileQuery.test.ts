import assert from 'node:assert/strict';
import { parseProfileQuery } from '../../../src/http/endpoints/parseProfileQuery';
import { refusal } from '../../support/refusal';

const LIMITS = { maxSeconds: 300, idleLimitMillis: 0 };

describe('parseProfileQuery', () => {
  it('has defaults', () => {
    assert.deepEqual(parseProfileQuery('', LIMITS), {
      seconds: 30,
      rate: {},
      lines: false,
      labels: {},
    });
    assert.equal(parseProfileQuery('', { ...LIMITS, maxSeconds: 10 }).seconds, 10);
  });

  it('reads all there is', () => {
    const query = 'seconds=0.5&hz=200&rule=a&rule=b&tenant=c';
    assert.deepEqual(parseProfileQuery(query, LIMITS), {
      seconds: 0.5,
      rate: { samplingIntervalMicros: 5_051 },
      lines: false,
      labels: { rule: ['a', 'b'], tenant: ['c'] },
    });
    assert.ok(parseProfileQuery('lines=1', LIMITS).lines);
  });

  it('names what is wrong', () => {
    const wrong = (query: string) => refusal(() => parseProfileQuery(query, LIMITS));
    assert.deepEqual(wrong('seconds=301'), [
      400,
      'seconds must be a number from 0.1 to 300, got "301"',
    ]);
    assert.deepEqual(wrong('hz=99'), [
      400,
      'hz must be one of 10, 25, 50, 100, 200, 500, 1000, got "99"',
    ]);
    assert.deepEqual(wrong('lines=2'), [400, 'lines must be 0 or 1, got "2"']);
    assert.deepEqual(wrong('debug=1'), [
      400,
      'debug is not supported: go tool pprof -top makes text of a profile',
    ]);
    assert.deepEqual(wrong('lines=1&rule=a'), [
      400,
      'lines=1 records without labels, hence cannot be filtered by "rule": leave out one of the two',
    ]);
  });
});
