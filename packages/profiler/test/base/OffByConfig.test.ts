import assert from 'node:assert/strict';
import { OffByConfig } from '../../src/base/OffByConfig';

/** Does what `registerInstrumentations` does. Returns whether its `enable` counts. */
function register(off: OffByConfig): boolean {
  off.tracerProviderSet();
  off.configRead();
  return off.enableCounts();
}

describe('OffByConfig', () => {
  let off: OffByConfig;
  beforeEach(() => (off = new OffByConfig()));

  it('with enabled: false, ignores the enable() of every registration', () => {
    off.configured(false);
    assert.deepEqual([register(off), register(off)], [false, false]);
  });

  it('with enabled: true, or without a configuration, every enable() counts', () => {
    assert.equal(register(off), true);
    off.configured(true);
    assert.equal(register(off), true);
  });

  it('an enable() of the application counts, and the registrations after it', () => {
    off.configured(false);
    assert.equal(register(off), false);
    assert.equal(off.enableCounts(), true);
    assert.equal(register(off), true);
  });

  it('an enable() after reading the configuration, or after setting a provider, counts', () => {
    off.configured(false);
    off.configRead();
    assert.equal(off.enableCounts(), true);
    off.configured(false);
    off.tracerProviderSet();
    assert.equal(off.enableCounts(), true);
  });

  it('a new configuration counts from then on', () => {
    off.configured(false);
    off.tracerProviderSet();
    off.configRead();
    off.configured(true);
    assert.equal(off.enableCounts(), true);
    off.configured(false);
    assert.equal(register(off), false);
  });
});
