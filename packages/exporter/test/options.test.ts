import assert from 'node:assert/strict';
import { InvalidOptionError } from '@rulescope/profiler';
import { type RuleMetricsConfig, collectorOptionsOf, resolveSeriesLimits } from '../src/options';

/** Asserts that the error names the option, what is allowed and the value received. */
function assertRejected(config: unknown, option: string, allowed: string, got: string): void {
  assert.throws(
    () => resolveSeriesLimits(config as RuleMetricsConfig),
    (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.message, `${option} must be ${allowed}; got ${got}`);
      assert.equal(error.option, option);
      return true;
    },
  );
}

describe('resolveSeriesLimits', () => {
  it('has the documented defaults', () => {
    assert.deepEqual(resolveSeriesLimits({}), {
      maxActiveSeries: 100,
      maxLifetimeSeries: 1_000,
      retireAfterWindows: 60,
    });
  });

  it('takes the given values, and does not check the options of the collector', () => {
    const limits = { maxActiveSeries: 7, maxLifetimeSeries: 8, retireAfterWindows: 9 };
    const others = {
      enabled: false,
      windowMillis: 1,
      periodMillis: 2,
      samplingIntervalMicros: 3,
      fairSampling: false,
    };
    assert.deepEqual(resolveSeriesLimits({ ...limits, ...others }), limits);
  });

  it('the default of maxLifetimeSeries allows every legal maxActiveSeries', () => {
    assert.equal(resolveSeriesLimits({ maxActiveSeries: 1_000 }).maxLifetimeSeries, 1_000);
    assert.equal(resolveSeriesLimits({ maxActiveSeries: 5 }).maxLifetimeSeries, 1_000);
  });

  const ranges = {
    maxActiveSeries: [1, 1_000],
    maxLifetimeSeries: [100, 1_900],
    retireAfterWindows: [1, 100_000],
  } as const;
  for (const [option, [min, max]] of Object.entries(ranges)) {
    const allowed = `an integer from ${min} to ${max}`;

    it(`accepts ${option} from ${min} to ${max} inclusive`, () => {
      for (const value of [min, max]) {
        const limits = resolveSeriesLimits({ [option]: value });
        assert.equal(limits[option as keyof typeof ranges], value);
      }
    });

    it(`rejects any other ${option} and states the range`, () => {
      assertRejected({ [option]: min - 1 }, option, allowed, String(min - 1));
      assertRejected({ [option]: max + 1 }, option, allowed, String(max + 1));
      assertRejected({ [option]: min + 0.5 }, option, allowed, String(min + 0.5));
      assertRejected({ [option]: NaN }, option, allowed, 'NaN');
      assertRejected({ [option]: Infinity }, option, allowed, 'Infinity');
      assertRejected({ [option]: '200' }, option, allowed, '"200"');
      assertRejected({ [option]: {} }, option, allowed, 'an object');
    });
  }

  it('rejects a maxLifetimeSeries below maxActiveSeries', () => {
    assertRejected(
      { maxActiveSeries: 50, maxLifetimeSeries: 49 },
      'maxLifetimeSeries',
      'an integer from 50 to 1900',
      '49',
    );
  });

  it('rejects an enabled that is not a boolean', () => {
    assertRejected({ enabled: 1 }, 'enabled', 'true or false', '1');
    assertRejected({ enabled: 'false' }, 'enabled', 'true or false', '"false"');
  });

  it('rejects options that are not an object', () => {
    assertRejected(null, 'RuleMetricsConfig', 'a plain object', 'null');
    assertRejected([], 'RuleMetricsConfig', 'a plain object', 'an array');
    assertRejected('no', 'RuleMetricsConfig', 'a plain object', '"no"');
  });

  it('rejects an unknown option and lists the known ones', () => {
    assertRejected(
      { maxRule: 5 },
      'RuleMetricsConfig.maxRule',
      'omitted (known options: enabled, windowMillis, periodMillis, samplingIntervalMicros, ' +
        'fairSampling, maxActiveSeries, maxLifetimeSeries, retireAfterWindows)',
      '5',
    );
  });
});

describe('collectorOptionsOf', () => {
  it('returns the options of the collector that are set, and no others', () => {
    assert.deepEqual(collectorOptionsOf({ enabled: true, maxActiveSeries: 5 }), {});
    const options = {
      windowMillis: 700,
      periodMillis: 800,
      samplingIntervalMicros: 900,
      fairSampling: false,
    };
    assert.deepEqual(collectorOptionsOf({ ...options, retireAfterWindows: 5 }), options);
    assert.deepEqual(collectorOptionsOf({ windowMillis: undefined as never }), {});
  });
});
