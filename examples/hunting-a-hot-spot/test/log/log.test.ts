import { strict as assert } from 'node:assert';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { LogWriter } from '../../src/log/LogWriter';
import { ReusedSampleBuffer, SampleBuffer } from '../../src/log/Sample';
import { decodeSamples } from '../../src/log/decodeSamples';
import { HEADER_BYTES, MAGIC, checksumOf, segmentName } from '../../src/log/format';
import { generateLog } from '../../src/log/generateLog';
import { SegmentReader, listSegments } from '../../src/log/SegmentReader';
import { inDirectory } from '../support/directory';
import { readLog } from '../support/readLog';

const OPTIONS = { samples: 2_500, series: 1_100, seed: 1, segmentBytes: 20_000 };

const ref = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const sample = fc.record({
  ref,
  after: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  value: fc.double(),
});
const record = fc.oneof(
  fc.record({ ref, name: fc.string({ unit: 'grapheme' }) }, { noNullPrototype: true }),
  fc.record({ baseTime: fc.maxSafeInteger(), samples: fc.array(sample) }),
);

/** Writes three series and returns the path of their only segment. */
function writeThree(directory: string): string {
  const writer = new LogWriter(directory, 1_000);
  for (const ref of [1, 2, 3]) writer.addSeries(ref, `series ${ref}`);
  writer.close();
  return join(directory, segmentName(0));
}

const THREE_BYTES = HEADER_BYTES + 4 + 'series 1'.length;
const THIRD = MAGIC.length + 2 * THREE_BYTES;

describe('the log', () => {
  it('returns what was written, in segments of any size', () => {
    fc.assert(
      fc.property(fc.array(record), fc.integer({ min: 2_000, max: 5_000 }), (records, bytes) =>
        inDirectory((directory) => {
          const writer = new LogWriter(directory, bytes);
          const names = [];
          const rows = [];
          for (const written of records) {
            if ('name' in written) {
              writer.addSeries(written.ref, written.name);
              names.push(written);
              continue;
            }
            const { baseTime } = written;
            const samples = written.samples.map(({ ref, after, value }) => {
              // Above 2 ** 53 a time would not be exact.
              const time = Math.min(baseTime + after, Number.MAX_SAFE_INTEGER);
              return { ref, time, value };
            });
            writer.addSamples(baseTime, samples);
            rows.push(...samples.map(({ ref, time, value }) => [ref, time, value]));
          }
          writer.close();
          assert.deepEqual(readLog(directory), { series: names, rows });
        }),
      ),
    );
  });

  it('has as many samples as asked for, each series named before and 15 s apart', () => {
    inDirectory((directory) => {
      generateLog(directory, OPTIONS);
      const { series, rows } = readLog(directory);
      assert.equal(rows.length, 2_500);
      assert.deepEqual(
        series.map(({ ref }) => ref),
        Array.from({ length: 1_100 }, (_, i) => i + 1),
      );
      const times = rows.filter(([ref]) => ref === 1).map(([, time]) => time);
      assert.equal(times.length, 3);
      times.slice(1).forEach((time, i) => assert.ok(Math.abs(time - times[i]! - 15_000) <= 4));
      assert.ok(listSegments(directory).length > 1);
    });
  });

  it('repeats as many values and deltas as the data of the paper on Gorilla', () => {
    inDirectory((directory) => {
      generateLog(directory, { samples: 200_000, series: 1_000, seed: 1, segmentBytes: 2 ** 20 });
      const last = new Map<number, { time: number; value: number; delta: number }>();
      const repeated = { values: 0, deltas: 0 };
      const { rows } = readLog(directory);
      for (const [ref, time, value] of rows) {
        const before = last.get(ref);
        const delta = time - (before?.time ?? time);
        if (value === before?.value) repeated.values++;
        if (delta === before?.delta) repeated.deltas++;
        last.set(ref, { time, value, delta });
      }
      // The paper has 51 % and 96 %. The seed is fixed, so chance does not matter.
      assert.ok(Math.abs(repeated.values / rows.length - 0.53) < 0.04, String(repeated.values));
      assert.ok(Math.abs(repeated.deltas / rows.length - 0.95) < 0.02, String(repeated.deltas));
    });
  });

  it('is the same for the same seed, and another one for another seed', () => {
    const bytesOf = (seed: number): string =>
      inDirectory((directory) => {
        generateLog(directory, { ...OPTIONS, seed });
        return listSegments(directory)
          .map((file) => readFileSync(file, 'latin1'))
          .join('');
      });
    assert.equal(bytesOf(7), bytesOf(7));
    assert.notEqual(bytesOf(7), bytesOf(8));
  });

  it('is refused if it has no segments', () => {
    inDirectory((directory) =>
      assert.throws(() => listSegments(directory), { message: `${directory} has no segments` }),
    );
  });
});

describe('a damaged segment', () => {
  const damages: [string, (bytes: Buffer) => Buffer, RegExp, number, number][] = [
    ['cut within a header', (b) => b.subarray(0, THIRD + 5), /within the header/, THIRD, 2],
    ['cut within a record', (b) => b.subarray(0, -1), /within a record of 12 bytes/, THIRD, 2],
    ['with a changed name', (b) => b.fill('x', b.length - 1), /wrong checksum/, THIRD, 2],
    ['with a changed type', (b) => b.fill(2, THIRD + 8, THIRD + 9), /wrong checksum/, THIRD, 2],
    ['with a length beyond its end', (b) => b.fill(255, THIRD, THIRD + 4), /4294967295/, THIRD, 2],
    ['with another beginning', (b) => b.fill('x', 0, 1), /not a segment/, 0, 0],
    ['that is empty', (b) => b.subarray(0, 0), /not a segment/, 0, 0],
  ];
  for (const [what, change, reason, offset, kept] of damages) {
    it(`${what} gives its file, the offset and the records before`, () => {
      inDirectory((directory) => {
        const file = writeThree(directory);
        writeFileSync(file, change(readFileSync(file)));
        const { series, damage } = new SegmentReader().read(file);
        assert.match(damage!.message, reason);
        assert.ok(damage!.message.startsWith(`${file} is damaged at byte ${offset}: `));
        assert.equal(series.length, kept);
      });
    });
  }

  const malformed: [string, number, number[], RegExp][] = [
    ['an unknown type', 3, [], /unknown type of record: 3/],
    ['a short series', 1, [1, 0, 0], /a series needs 4 bytes or more; got 3/],
    ['the reference 0', 1, [0, 0, 0, 0], /reference 0/],
    ['half a sample', 2, new Array<number>(16).fill(0), /samples cannot have 16 bytes/],
    ['no time', 2, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], /the time must be an integer; got NaN/],
  ];
  for (const [what, type, payload, reason] of malformed) {
    it(`has a record of ${what} and a right checksum`, () => {
      inDirectory((directory) => {
        const file = writeThree(directory);
        truncateSync(file, THIRD);
        const record = Buffer.from([payload.length, 0, 0, 0, 0, 0, 0, 0, type, ...payload]);
        record.writeUInt32LE(checksumOf(record, 0, payload.length), 4);
        writeFileSync(file, record, { flag: 'a' });
        const { damage } = new SegmentReader().read(file);
        assert.equal(damage?.offset, THIRD);
        assert.match(damage.message, reason);
      });
    });
  }
});

describe('the buffer for decoded samples', () => {
  for (const [Buffer, reuses] of [
    [SampleBuffer, false],
    [ReusedSampleBuffer, true],
  ] as const) {
    it(`${Buffer.name} ${reuses ? 'uses its samples again' : 'has new samples each time'}`, () => {
      inDirectory((directory) => {
        generateLog(directory, OPTIONS);
        // The first segments have series only.
        const [one, other] = listSegments(directory).slice(-2);
        const buffer = new Buffer();
        const fill = (file: string): void => {
          for (const block of decodeSamples(new SegmentReader().read(file), buffer)) {
            assert.ok(block.length > 0);
          }
        };
        fill(one!);
        const first = buffer.samples[0]!;
        fill(other!);
        assert.equal(buffer.samples[0] === first, reuses);
      });
    });
  }
});
