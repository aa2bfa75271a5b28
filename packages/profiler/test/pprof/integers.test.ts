import assert from 'node:assert/strict';
import fc from 'fast-check';
import { negated, sumOf, toInt64, toInteger } from '../../src/pprof/integers';

const INTEGERS = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
);

describe('sums of integers', () => {
  it('are those of signed 64-bit integers, as numbers where that is exact', () => {
    fc.assert(
      fc.property(INTEGERS, INTEGERS, (one, other) => {
        const [a, b] = [toInteger(one), toInteger(other)];
        const expected = toInt64(toInt64(one) + toInt64(other));
        const sum = sumOf(a, b);
        assert.equal(BigInt(sum), expected);
        assert.equal(typeof sum === 'number', Number.isSafeInteger(Number(expected)));
      }),
    );
  });

  it('have the other sign when negated', () => {
    fc.assert(
      fc.property(INTEGERS, (value) => {
        assert.equal(BigInt(negated(toInteger(value))), toInt64(-toInt64(value)));
      }),
    );
    assert.ok(Object.is(negated(0), 0));
  });
});
