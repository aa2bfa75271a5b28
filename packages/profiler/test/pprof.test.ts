import assert from 'node:assert/strict';
import * as pprof from '../src/pprof';
import { profileOf } from './support/profiles';

describe('the subpath pprof', () => {
  it('exports what builds, merges and filters profiles, and nothing else', () => {
    assert.deepEqual(Object.keys(pprof).sort(), [
      'ProfileSum',
      'encodeInTurns',
      'filterByLabels',
      'mergeProfiles',
      'toPprof',
      'toPprofInTurns',
    ]);
  });

  it('exports the types that a user needs to name', () => {
    const value: pprof.LabelValue = 'r1';
    const labels: pprof.LabelFilter = { rule: value };
    const profile: pprof.Profile = pprof.filterByLabels(profileOf({ samples: [] }), labels);
    assert.deepEqual(profile.sample, []);
  });
});
