import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
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
});
