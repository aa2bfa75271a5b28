import assert from 'node:assert/strict';
import { formatPercentage } from '../../src/report/formatPercentage';

describe('formatPercentage', () => {
  // As printed by go tool pprof, which test/system/pprof-reports.test.ts compares many more with.
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

  it('rounds a number in the middle to the even digit, as Go does', () => {
    const rounded = [1n, 3n, 5n, 7n, 9n].map((eighths) => formatPercentage(eighths, 800n));
    assert.deepEqual(rounded, [' 0.12%', ' 0.38%', ' 0.62%', ' 0.88%', ' 1.12%']);
    assert.equal(formatPercentage(1n, 1600n), '0.062%');
  });
});
