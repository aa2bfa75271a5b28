import { strict as assert } from 'node:assert';
import { Profile } from 'pprof-format';
import { topByLabel } from '@rulescope/profiler/report';

/**
 * Returns a profile with 2,000 samples. `values` different labels divide them evenly. Counts how
 * often the values of a sample are read.
 */
function countedProfile(values: number) {
  const profile = new Profile({
    sampleType: [{ type: 1, unit: 2 }],
    sample: Array.from({ length: 2_000 }, (_, i) => ({
      locationId: [1],
      value: [1],
      label: [{ key: 3, num: 1 + (i % values) }],
    })),
    location: [{ id: 1, line: [{ functionId: 1 }] }],
    function: [{ id: 1, name: 4, systemName: 4 }],
  });
  for (const text of ['cpu', 'nanoseconds', 'rule', 'f']) profile.stringTable.dedup(text);
  const counted = { profile, reads: 0 };
  for (const sample of profile.sample) {
    const { value } = sample;
    Object.defineProperty(sample, 'value', {
      get() {
        counted.reads++;
        return value;
      },
    });
  }
  return counted;
}

describe('topByLabel', () => {
  it('reads each sample as often for 1,000 label values as for 10', () => {
    const [few, many] = [countedProfile(10), countedProfile(1_000)];
    assert.equal(topByLabel(few.profile, 'rule').size, 10);
    assert.equal(topByLabel(many.profile, 'rule').size, 1_000);
    assert.equal(many.reads, few.reads);
  });
});
