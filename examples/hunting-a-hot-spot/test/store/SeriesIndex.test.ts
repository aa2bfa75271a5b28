import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { SeriesIndex } from '../../src/store/SeriesIndex';

const ref = fc.integer({ min: 1, max: 2 ** 32 - 1 });

describe('SeriesIndex', () => {
  it('finds in any thread what a Map would find', () => {
    const refs = fc.array(
      fc.oneof(
        ref,
        fc.nat(9).map((n) => 1 + 128 * 2048 * n),
      ),
    );
    fc.assert(
      fc.property(refs, refs, (added, asked) => {
        const index = new SeriesIndex();
        const model = new Map<number, number>();
        added.forEach((ref, place) => {
          index.add(ref, place);
          model.set(ref, place);
        });
        const other = new SeriesIndex(index.memory);
        for (const ref of [0, ...added, ...asked]) {
          assert.equal(other.find(ref), model.get(ref) ?? -1);
        }
      }),
    );
  });

  it('says when a stripe is full, and goes on', () => {
    const index = new SeriesIndex();
    const fill = (): void => {
      for (let ref = 1; ; ref += 128) index.add(ref, ref);
    };
    assert.throws(fill, { message: 'too many series' });
    assert.equal(index.find(1), 1);
    assert.equal(index.find(1 + 128 * 5_000), -1);
  });
});
