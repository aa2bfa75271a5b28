import assert from 'node:assert/strict';
import { InvalidOptionError } from '@rulescope/profiler';
import { type RuleMetricsConfig, resolveSeriesLimits } from '../src/options';

/** The error of an option must name the option, say what is allowed and what was received. */
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

  it('takes what it is given, and leaves the options of others alone', () => {
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

  it('never lets the default of maxLifetimeSeries forbid a legal maxActiveSeries', () => {
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

    it(`takes ${option} from ${min} to ${max}, both ends included`, () => {
      for (const value of [min, max]) {
        const limits = resolveSeriesLimits({ [option]: value });
        assert.equal(limits[option as keyof typeof ranges], value);
      }
    });

    it(`refuses any other ${option} and says what is allowed`, () => {
      assertRejected({ [option]: min - 1 }, option, allowed, String(min - 1));
      assertRejected({ [option]: max + 1 }, option, allowed, String(max + 1));
      assertRejected({ [option]: min + 0.5 }, option, allowed, String(min + 0.5));
      assertRejected({ [option]: NaN }, option, allowed, 'NaN');
      assertRejected({ [option]: Infinity }, option, allowed, 'Infinity');
      assertRejected({ [option]: '200' }, option, allowed, '"200"');
      assertRejected({ [option]: {} }, option, allowed, 'an object');
    });
  }

  it('refuses fewer rule ids than rules', () => {
    assertRejected(
      { maxActiveSeries: 50, maxLifetimeSeries: 49 },
      'maxLifetimeSeries',
      'an integer from 50 to 1900',
      '49',
    );
  });

  it('refuses an option it does not know and lists those it knows', () => {
    assertRejected(
      { maxRule: 5 },
      'RuleMetricsConfig.maxRule',
      'left out (there are enabled, windowMillis, periodMillis, samplingIntervalMicros, ' +
        'fairSampling, maxActiveSeries, maxLifetimeSeries, retireAfterWindows)',
      '5',
    );
  });
});
