import assert from 'node:assert/strict';
import { WireWriter } from '../../src/profiles/WireWriter';

/** Returns in hexadecimal what `write` writes. */
function written(write: (writer: WireWriter) => void): string {
  const writer = new WireWriter();
  write(writer);
  return Buffer.from(writer.result()).toString('hex');
}

describe('WireWriter', () => {
  it('writes integers of each size', () => {
    const cases: [number | bigint, string][] = [
      [1, '0801'],
      [127, '087f'],
      [128, '088001'],
      // The example in the documentation of protobuf's encoding.
      [150, '089601'],
      [2 ** 31, '088080808008'],
      [2 ** 53 - 1, '08ffffffffffffff0f'],
      [2n ** 63n - 1n, '08ffffffffffffffff7f'],
      [-1, '08ffffffffffffffffff01'],
      [-2n, '08feffffffffffffffff01'],
    ];
    for (const [value, expected] of cases) {
      assert.equal(
        written((writer) => writer.integer(1, value)),
        expected,
        String(value),
      );
    }
  });

  it('leaves zero out, except where it means more than absence', () => {
    assert.equal(
      written((writer) => writer.integer(1, 0)),
      '',
    );
    assert.equal(
      written((writer) => writer.presentInteger(1, 0)),
      '0800',
    );
    assert.equal(
      written((writer) => writer.string(5, '')),
      '2a00',
    );
  });

  it('writes strings in UTF-8, with the length in bytes', () => {
    assert.equal(
      written((writer) => writer.string(2, 'é€😀')),
      '1209c3a9e282acf09f9880',
    );
  });

  it('writes packed integers, and nothing if there are none', () => {
    assert.equal(
      written((writer) => writer.integers(4, [3, 270, 0])),
      '2204038e0200',
    );
    assert.equal(
      written((writer) => writer.integers(4, [])),
      '',
    );
  });

  it('writes 64-bit values of fixed length', () => {
    assert.equal(
      written((writer) => writer.fixed64(3, 0x0102030405060708n)),
      '190807060504030201',
    );
    assert.equal(
      written((writer) => writer.double(4, 1.5)),
      '21000000000000f83f',
    );
  });

  it('writes messages of every length inside each other', () => {
    for (const size of [0, 1, 127, 128, 20_000, 3_000_000]) {
      const bytes = new Uint8Array(size).fill(7);
      const whole = Buffer.from(
        written((writer) =>
          writer.message(1, () => {
            writer.message(2, () => writer.fields(bytes));
            writer.integer(3, 9);
          }),
        ),
        'hex',
      );
      assert.deepEqual(whole.subarray(-2), Buffer.from('1809', 'hex'), `${size}`);
      const inner = written((writer) => writer.bytes(2, bytes));
      assert.ok(whole.toString('hex').endsWith(`${inner}1809`), `${size}`);
    }
  });
});
