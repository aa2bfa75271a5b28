import assert from 'node:assert/strict';
import { resolveCollectorOptions, samplingIntervalOf } from '../../src/collector/options';
import { InvalidOptionError } from '../../src/base/errors';
import { silentLogger } from '../../src/base/logger';
import { LogSpy } from '../support/LogSpy';

/** Asserts that the error names the option, the allowed values and the received value. */
function assertRejected(options: unknown, option: string, allowed: string, got: string): void {
  assert.throws(
    () => resolveCollectorOptions(options as never),
    (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.message, `${option} must be ${allowed}; got ${got}`);
      assert.equal(error.option, option);
      return true;
    },
  );
}

describe('resolveCollectorOptions', () => {
  it('has the documented defaults', () => {
    const { logger, ...others } = resolveCollectorOptions();
    assert.deepEqual(others, {
      samplingIntervalMicros: 10_101,
      windowMillis: 5_000,
      periodMillis: 5_000,
      fairSampling: true,
    });
    assert.equal(logger.error('not printed'), undefined);
  });

  it('takes the given values', () => {
    const options = {
      samplingIntervalMicros: 1_009,
      windowMillis: 2_000,
      periodMillis: 60_000,
      fairSampling: false,
    };
    const log = new LogSpy();
    const { logger, ...others } = resolveCollectorOptions({ ...options, logger: log });
    assert.deepEqual(others, options);
    logger.warn('heard');
    assert.deepEqual(log.lines, [{ level: 'warn', message: 'heard', details: [] }]);
  });

  it('has a period equal to the window if only the window is given', () => {
    assert.equal(resolveCollectorOptions({ windowMillis: 700 }).periodMillis, 700);
  });

  it('refuses a fairSampling that is not a boolean', () => {
    assertRejected({ fairSampling: 1 }, 'fairSampling', 'true or false', '1');
  });

  const ranges = {
    samplingIntervalMicros: [500, 1_000_000],
    windowMillis: [100, 600_000],
    periodMillis: [5_000, 3_600_000],
  } as const;
  for (const [option, [min, max]] of Object.entries(ranges)) {
    const allowed = `an integer from ${min} to ${max}`;

    it(`accepts ${option} from ${min} to ${max} inclusive`, () => {
      const periodMillis = 3_600_000;
      for (const value of [min, max]) {
        const resolved = resolveCollectorOptions({ periodMillis, [option]: value });
        assert.equal(resolved[option as keyof typeof ranges], value);
      }
    });

    it(`refuses any other ${option} and names the allowed values`, () => {
      assertRejected({ [option]: min - 1 }, option, allowed, String(min - 1));
      assertRejected({ [option]: max + 1 }, option, allowed, String(max + 1));
      assertRejected({ [option]: min + 0.5 }, option, allowed, String(min + 0.5));
      assertRejected({ [option]: NaN }, option, allowed, 'NaN');
      assertRejected({ [option]: Infinity }, option, allowed, 'Infinity');
      assertRejected({ [option]: '5000' }, option, allowed, '"5000"');
      assertRejected({ [option]: 5000n }, option, allowed, '5000');
      assertRejected({ [option]: {} }, option, allowed, 'an object');
    });
  }

  it('refuses a period shorter than the window', () => {
    assertRejected(
      { windowMillis: 2_000, periodMillis: 1_999 },
      'periodMillis',
      'an integer from 2000 to 3600000',
      '1999',
    );
  });

  for (const method of ['error', 'warn', 'debug'] as const) {
    it(`refuses a logger without ${method}()`, () => {
      const logger = { ...silentLogger, [method]: undefined };
      assertRejected({ logger }, `logger.${method}`, 'a function', 'undefined');
    });
  }

  it('refuses an unknown option and lists the known options', () => {
    assert.throws(() => resolveCollectorOptions({ windowMilis: 5_000 } as never), {
      name: 'InvalidOptionError',
      option: 'CollectorOptions.windowMilis',
      message:
        /known options: samplingIntervalMicros, windowMillis, periodMillis, fairSampling, logger/,
    });
  });

  for (const [value, got] of [
    [null, 'null'],
    ['5000', '"5000"'],
    [5_000, '5000'],
    [[], 'an array'],
  ] as const) {
    it(`refuses ${got} instead of an options object`, () => {
      assertRejected(value, 'CollectorOptions', 'a plain object', got);
    });
  }
});

describe('samplingIntervalOf', () => {
  it('gives the default interval of a collector for 100 Hz', () => {
    assert.equal(samplingIntervalOf(100), 10_101);
  });

  it('keeps a rate that is not in step', () => {
    assert.equal(samplingIntervalOf(99), 10_101);
    assert.equal(samplingIntervalOf(300), 3_333);
  });
});
