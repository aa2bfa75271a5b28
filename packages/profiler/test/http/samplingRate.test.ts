import assert from 'node:assert/strict';
import { resolveReaderOptions } from '../../src/collector/options';
import { RATES, samplingIntervalOf } from '../../src/http/samplingRate';

describe('samplingIntervalOf', () => {
  it('gives about the rate that is asked for, never in step with timers', () => {
    for (const hz of RATES) {
      const micros = samplingIntervalOf(hz);
      assert.ok(Math.abs((micros * hz) / 1e6 - 1) < 0.02, `${hz} Hz: ${micros} us`);
      assert.ok(micros % 1000 !== 0 && 1000 % micros !== 0, `${hz} Hz: ${micros} us`);
      resolveReaderOptions({ samplingIntervalMicros: micros });
    }
  });

  it('gives the default of a collector for 100 Hz', () => {
    assert.equal(samplingIntervalOf(100), 10_101);
  });

  it('leaves a rate alone that is not in step', () => {
    assert.equal(samplingIntervalOf(99), 10_101);
    assert.equal(samplingIntervalOf(300), 3_333);
  });
});
