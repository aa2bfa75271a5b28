import assert from 'node:assert/strict';
import { formatValue, scaleValue } from '../../src/report/formatValue';

describe('formatValue', () => {
  // As printed by go tool pprof, which test/system/pprof-reports.test.ts compares many more with.
  const cases: [bigint, string, string, string][] = [
    [0n, 'nanoseconds', 'auto', '0'],
    [1n, 'nanoseconds', 'auto', '1ns'],
    [1_500n, 'nanoseconds', 'auto', '1.50us'],
    [-2_000_000n, 'nanoseconds', 'auto', '-2ms'],
    [1_234_567_890n, 'nanoseconds', 'auto', '1.23s'],
    [5_400n, 'seconds', 'auto', '1.50hrs'],
    [4n, 'nanoseconds', 'ms', '0'],
    [5_000n, 'nanoseconds', 'ms', '0.01ms'],
    [1_536n, 'bytes', 'auto', '1.50kB'],
    [1n << 30n, 'bytes', 'MB', '1024MB'],
    [12n, 'count', 'count', '12'],
    [12n, 'count', 'auto', '12'],
    [12n, 'drops', 'drops', '12drops'],
    [7n, 'bytes', 'ms', '7B'],
  ];
  for (const [value, from, to, text] of cases) {
    it(`prints ${value} ${from} in ${to} as ${text}`, () => {
      assert.equal(formatValue(value, from, to), text);
    });
  }

  it('rounds a number in the middle to the even digit, as Go does', () => {
    const rounded = [125n, 375n, 625n, 875n, 1_125n, -125n].map((micros) =>
      formatValue(micros, 'us', 'ms'),
    );
    assert.deepEqual(rounded, ['0.12ms', '0.38ms', '0.62ms', '0.88ms', '1.12ms', '-0.12ms']);
  });

  it('falls back to seconds and bytes for what has no unit of its own', () => {
    assert.deepEqual(scaleValue(0n, 'nanoseconds', 'auto'), [0, 's']);
    assert.deepEqual(scaleValue(3_000_000_000n, 'nanoseconds', 'bytes'), [3, 's']);
  });
});
