import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDON_FILES, FairSamplingUnavailableError, loadAddon } from '../src/loadAddon';
import { PACKAGE, SHIPPED, TEMPORARY } from './support/binaries';

describe('loadAddon', () => {
  const garbage = join(TEMPORARY, 'garbage.node');
  const missing = join(TEMPORARY, 'missing.node');
  before(() => writeFileSync(garbage, 'no machine code '.repeat(100)));

  it('tries the file compiled on this machine first, then the file of the package', () => {
    const built = join(PACKAGE, 'build/Release/fair-sampling.node');
    assert.deepEqual(ADDON_FILES, [built, SHIPPED]);
  });

  it('tries the next file if a file does not load', () => {
    assert.equal(typeof loadAddon([garbage, missing, SHIPPED]).maskPolling, 'function');
  });

  it('names the platform and each cause if no file loads', () => {
    assert.throws(
      () => loadAddon([garbage, missing]),
      (error: unknown) => {
        assert.ok(error instanceof FairSamplingUnavailableError);
        assert.match(
          error.message,
          new RegExp(`does not load on ${process.platform}-${process.arch}: `),
        );
        assert.match(error.message, /garbage\.node: (invalid ELF header|.*[Ee]xec format error)/);
        assert.match(error.message, /missing\.node: .*No such file/);
        assert.ok(error.cause instanceof AggregateError);
        assert.equal(error.cause.errors.length, 2);
        return true;
      },
    );
  });

  describe('in a bundle, where no file exists', () => {
    const { TMPDIR } = process.env;
    let temporary: string;
    beforeEach(() => (process.env['TMPDIR'] = temporary = mkdtempSync(join(TEMPORARY, 'tmp-'))));
    afterEach(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    });

    it('loads the copy in the code, and leaves no file', () => {
      assert.equal(loadAddon([missing]).source, loadAddon([SHIPPED]).source);
      assert.deepEqual(readdirSync(temporary), []);
    });

    it('names the cause if the copy cannot be written', () => {
      process.env['TMPDIR'] = join(temporary, 'none');
      assert.throws(() => loadAddon([missing]), /missing\.node: .*; ENOENT.*mkdtemp/);
    });

    it('names the cause if the copy does not load, and leaves no file', () => {
      assert.throws(
        () => loadAddon([missing], () => readFileSync(garbage)),
        /fair-sampling\.node: (invalid ELF header|.*[Ee]xec format error)/,
      );
      assert.deepEqual(readdirSync(temporary), []);
    });

    it('has no copy for other platforms', () => {
      assert.throws(() => loadAddon([missing], () => undefined), FairSamplingUnavailableError);
    });
  });

  it('does not load the copy if there is a file that does not load', () => {
    const embedded = (): never => assert.fail('the copy was asked for');
    assert.throws(() => loadAddon([garbage], embedded), FairSamplingUnavailableError);
  });
});
