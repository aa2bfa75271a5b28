import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { CHUNK_SAMPLES } from '../../src/store/Chunk';
import { ChunkMemory } from '../../src/store/ChunkMemory';
import { HeadSeries, Series } from '../../src/store/Series';
import { HEADER_WORDS } from '../../src/store/encoding';
import type { Point } from '../../src/store/readChunk';

/** Times between samples: regular, with the borders of all widths, and above 32 bits. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 14_996, max: 15_004 }) },
  fc.integer({ min: -3, max: 1 }),
  fc.integer({ min: 15_000 - 2_050, max: 15_000 + 2_050 }),
  fc.constantFrom(64, 65, 256, 257, 2_048, 2_049, 2 ** 31 - 1, 2 ** 31, 2 ** 40),
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 5 }) },
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, 2 ** -1074, Number.MAX_VALUE),
);
const start = fc.constantFrom(1.5e12, 0, -1.5e12, 2 ** 32 - 7 * 15_000);
const samples = fc.array(fc.tuple(step, value), { maxLength: 3 * CHUNK_SAMPLES });

/** Keeps the samples that are newer than the one before, as they are. */
function model(added: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of added) if (point[0] > (kept.at(-1)?.[0] ?? -Infinity)) kept.push(point);
  return kept;
}

for (const SeriesClass of [Series, HeadSeries]) {
  describe(SeriesClass.name, () => {
    it('returns the samples that a list would keep, bit by bit', () => {
      fc.assert(
        fc.property(start, samples, fc.nat(), fc.nat(), (start, steps, a, b) => {
          const series = new SeriesClass(1, 'a', new ChunkMemory());
          let time = start;
          const added = steps.map(([step, value]): Point => [(time += step), value]);
          const expected = model(added);
          let last: number | undefined;
          for (const [time, value] of added) {
            const newer = last === undefined || time > last;
            assert.equal(series.append({ ref: 1, time, value }), newer);
            if (newer) last = time;
          }
          assert.deepEqual(series.select(-Infinity, Infinity), expected);
          const [from = 0, to = 0] = [a, b].map((n) => expected[n % expected.length]?.[0]);
          assert.deepEqual(
            series.select(from, to),
            expected.filter(([time]) => time >= from && time <= to),
          );
        }),
      );
    });

    it('begins a chunk after 120 samples', () => {
      const series = new SeriesClass(1, 'a', new ChunkMemory());
      for (let i = 0; i <= 2 * CHUNK_SAMPLES; i++) series.append({ ref: 1, time: i, value: i });
      const counts = series.chunks.map(({ count }) => count);
      assert.deepEqual(counts, [CHUNK_SAMPLES, CHUNK_SAMPLES, 1]);
    });

    it('needs two bits for a sample that changes nothing', () => {
      const series = new SeriesClass(1, 'a', new ChunkMemory());
      for (let i = 0; i < CHUNK_SAMPLES; i++) series.append({ ref: 1, time: 15_000 * i, value: 7 });
      // The first value has 26 bits, the second sample 37, and all others 2.
      const bits = 26 + 37 + 2 * (CHUNK_SAMPLES - 2);
      assert.equal(series.chunks[0]?.length, HEADER_WORDS + Math.ceil(bits / 32));
    });
  });
}
