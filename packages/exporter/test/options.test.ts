import assert from 'node:assert/strict';
import { InvalidOptionError } from '@rulescope/profiler';
import {
  OF_PRODUCER,
  type RuleMetricsConfig,
  collectorOptionsOf,
  resolveSeriesOptions,
} from '../src/options';

/** Asserts that the error names the option, what is allowed and the value received. */
function assertRejected(config: unknown, option: string, allowed: string, got: string): void {
  assert.throws(
    () => resolveSeriesOptions(config as RuleMetricsConfig),
    (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.message, `${option} must be ${allowed}; got ${got}`);
      assert.equal(error.option, option);
      return true;
    },
  );
}

describe('resolveSeriesOptions', () => {
  it('has the documented defaults', () => {
    const { limits, labels, groups, functionsPerRule } = resolveSeriesOptions({});
    assert.deepEqual(limits, {
      maxActiveSeries: 100,
      maxLifetimeSeries: 1_000,
      retireAfterWindows: 60,
    });
    assert.equal(labels.by, 'rule');
    assert.deepEqual(groups, { rule: true, process: true, profiler: true, functions: false });
    assert.equal(functionsPerRule, 5);
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
    assert.deepEqual(resolveSeriesOptions({ ...limits, ...others }).limits, limits);
  });

  it('the default of maxLifetimeSeries allows every legal maxActiveSeries', () => {
    assert.equal(resolveSeriesOptions({ maxActiveSeries: 1_000 }).limits.maxLifetimeSeries, 1_000);
    assert.equal(resolveSeriesOptions({ maxActiveSeries: 5 }).limits.maxLifetimeSeries, 1_000);
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
        const { limits } = resolveSeriesOptions({ [option]: value });
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

  it('allows RuleMetricProducer 100,000 series', () => {
    const { limits } = resolveSeriesOptions({ maxActiveSeries: 100_000 }, OF_PRODUCER);
    assert.deepEqual(limits, {
      maxActiveSeries: 100_000,
      maxLifetimeSeries: 100_000,
      retireAfterWindows: 60,
    });
  });

  it('takes label keys whose Prometheus names differ and belong to nobody', () => {
    for (const labels of [
      ['rule'],
      ['rule', 'tenant'],
      ['tenant'],
      ['service.name', 'a-b', 'A/租'],
    ]) {
      assert.notEqual(resolveSeriesOptions({ labels }).labels, undefined);
    }
    const list = 'an array of 1 to 8 label keys';
    const length = 'an integer from 1 to 8';
    assertRejected({ labels: [] }, 'labels.length', length, '0');
    assertRejected({ labels: null }, 'labels', list, 'null');
    assertRejected({ labels: 'rule' }, 'labels', list, '"rule"');
    assertRejected({ labels: [...'abcdefghi'] }, 'labels.length', length, '9');
    const text = 'a string of at most 256 characters that begins with a letter from A to Z';
    assertRejected({ labels: ['rule', ''] }, 'labels[1]', text, '""');
    for (const key of ['2fa', '租户', '__name__', '.a']) {
      assertRejected({ labels: [key] }, 'labels[0]', text, `"${key}"`);
    }
    assertRejected({ labels: [5] }, 'labels[0]', text, '5');
    const unique = (name: string) => `a key with a Prometheus name of its own (${name})`;
    assertRejected(
      { labels: ['rule', 'rule'] },
      'labels[1]',
      unique('rulescope_rule_id'),
      '"rule"',
    );
    assertRejected({ labels: ['a.b', 'a_b'] }, 'labels[1]', unique('a_b'), '"a_b"');
    assertRejected({ labels: ['a--b', 'a.b'] }, 'labels[1]', unique('a_b'), '"a.b"');
    for (const key of [
      'le',
      'job',
      'instance',
      'otel.scope.name',
      'rulescope.rule.other',
      'code.line.number',
    ]) {
      // prettier-ignore
      assert.throws(
        () => resolveSeriesOptions({ labels: [key] }),
        (error: Error) => error.message.startsWith('labels[0] must be a key whose Prometheus name'),
        key,
      );
    }
  });

  it('takes a function that maps labels, groups of metrics and a number of functions', () => {
    assertRejected({ mapLabel: 'no' }, 'mapLabel', 'a function', '"no"');
    assertRejected({ metrics: { rule: 1 } }, 'metrics.rule', 'true or false', '1');
    assertRejected(
      { metrics: { rules: true } },
      'metrics.rules',
      'omitted (known options: rule, process, profiler, functions)',
      'true',
    );
    assertRejected(
      { metrics: { rule: false, process: false, profiler: false } },
      'metrics',
      'an object in which rule, process, profiler, functions are not all off',
      'an object',
    );
    const { groups } = resolveSeriesOptions({ metrics: { process: false, functions: true } });
    assert.deepEqual(groups, { rule: true, process: false, profiler: true, functions: true });
    assertRejected({ functionsPerRule: 0 }, 'functionsPerRule', 'an integer from 1 to 50', '0');
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
        'fairSampling, labels, mapLabel, metrics, functionsPerRule, maxActiveSeries, maxLifetimeSeries, retireAfterWindows)',
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
