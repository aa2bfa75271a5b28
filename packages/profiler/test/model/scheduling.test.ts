import assert from 'node:assert/strict';
import { wakeUpSeconds } from '../../src/model/scheduling';
import { assertClose } from '../support/assertClose';

describe('wakeUpSeconds', () => {
  it('returns a fixed cost for each time slice, at most all CPU', () => {
    assertClose(wakeUpSeconds(1_000, 1), 0.025);
    assertClose(wakeUpSeconds(1_000, 0.01), 0.01);
    assert.equal(wakeUpSeconds(0, 1), 0);
  });

  it('returns 0 if the system does not count time slices', () => {
    assert.equal(wakeUpSeconds(undefined, 1), 0);
  });
});
