import { strict as assert } from 'node:assert';
import type { Profile } from '@rulescope/profiler/pprof';
import { openHeap } from '@rulescope/profiler/heap';
import { startLineProfile } from '@rulescope/profiler/lines';
import { recordProfile } from '../support/recordedProfile';

/**
 * Returns the names of the types of a profile as Pyroscope forms them: sample type and unit, period
 * type and unit. The Collector passes on the same four.
 */
function typesOf({ sampleType, periodType, stringTable: { strings } }: Profile): string[] {
  assert.ok(periodType !== undefined);
  const nameOf = ({ type, unit }: typeof periodType): string =>
    `${strings[Number(type)]}:${strings[Number(unit)]}`;
  return sampleType.map((type) => `${nameOf(type)}:${nameOf(periodType)}`);
}

describe('types of profiles', () => {
  it('are those of Go, by which Pyroscope and the Collector know them', async () => {
    const [lines, heap] = [startLineProfile(), openHeap()];
    const cpu = await recordProfile();
    assert.deepEqual(typesOf(cpu), [
      'samples:count:cpu:nanoseconds',
      'wall:nanoseconds:cpu:nanoseconds',
      'cpu:nanoseconds:cpu:nanoseconds',
    ]);
    assert.deepEqual(typesOf(heap.profile()), [
      'inuse_objects:count:space:bytes',
      'inuse_space:bytes:space:bytes',
    ]);
    heap.close();
    assert.deepEqual(typesOf(lines.stop()), [
      'samples:count:wall:nanoseconds',
      'wall:nanoseconds:wall:nanoseconds',
    ]);
  });

  it('come with a value for each label and a mapping for each location', async () => {
    // The Collector refuses a profile in which a sample has a label twice.
    const { sample, location, mapping } = await recordProfile();
    for (const { label } of sample) {
      assert.equal(new Set(label.map(({ key }) => key)).size, label.length);
    }
    const ids = new Set(mapping.map(({ id }) => Number(id)));
    assert.ok(location.every(({ mappingId }) => ids.has(Number(mappingId))));
  });
});
