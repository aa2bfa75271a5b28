import assert from 'node:assert/strict';
import { formatPercentage, formatValue, scaleValue } from '../../src/report/formatValue';

describe('formatValue', () => {
  // What go tool pprof prints. test/system/pprof-reports.test.ts compares many more values.
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

  it('rounds a tie to the even digit, as Go does', () => {
    const rounded = [125n, 375n, 625n, 875n, 1_125n, -125n].map((micros) =>
      formatValue(micros, 'us', 'ms'),
    );
    assert.deepEqual(rounded, ['0.12ms', '0.38ms', '0.62ms', '0.88ms', '1.12ms', '-0.12ms']);
  });

  it('converts 0, and a value with a target of another kind, to seconds', () => {
    assert.deepEqual(scaleValue(0n, 'nanoseconds', 'auto'), [0, 's']);
    assert.deepEqual(scaleValue(3_000_000_000n, 'nanoseconds', 'bytes'), [3, 's']);
  });
});

describe('formatPercentage', () => {
  // What go tool pprof prints. test/system/pprof-reports.test.ts compares many more values.
  const cases: [bigint, bigint, string][] = [
    [0n, 0n, '    0%'],
    [0n, 5n, '    0%'],
    [1n, 1n, '  100%'],
    [99_950n, 100_000n, '  100%'],
    [99_949n, 100_000n, '99.95%'],
    [-1n, 3n, '33.33%'],
    [5n, 2n, '250.00%'],
    [1n, 100n, ' 1.00%'],
    [999n, 100_000n, '    1%'],
    [5n, 1_000n, '  0.5%'],
    [123n, 100_000n, ' 0.12%'],
    [1n, 1_000_000n, '0.0001%'],
    [1n, 10_000_000n, '1e-05%'],
    [123n, 1_000_000_000n, '1.2e-05%'],
    [1n, 10n ** 12n, '1e-10%'],
  ];
  for (const [value, total, text] of cases) {
    it(`prints ${value} of ${total} as "${text}"`, () => {
      assert.equal(formatPercentage(value, total), text);
    });
  }

  it('rounds a tie to the even digit, as Go does', () => {
    const rounded = [1n, 3n, 5n, 7n, 9n].map((eighths) => formatPercentage(eighths, 800n));
    assert.deepEqual(rounded, [' 0.12%', ' 0.38%', ' 0.62%', ' 0.88%', ' 1.12%']);
    assert.equal(formatPercentage(1n, 1600n), '0.062%');
  });
});
