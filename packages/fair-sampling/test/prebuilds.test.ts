import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { BUILT, PACKAGE, SCHEDULING, buildBinaries, importScript } from './support/binaries';

const ARM64 = 'AArch64';
const X64 = 'Advanced Micro Devices X86-64';

describe('the shipped binaries', () => {
  let checkBinary: (file: string, machine: string) => void;
  before(async () => {
    await buildBinaries();
    ({ checkBinary } = await importScript<{ checkBinary: typeof checkBinary }>('checkBinary.mjs'));
  });

  for (const [platform, machine] of [
    ['linux-x64', X64],
    ['linux-arm64', ARM64],
  ] as const) {
    it(`load with every C library: ${platform}`, () => {
      checkBinary(join(PACKAGE, 'prebuilds', platform, 'fair-sampling.node'), machine);
    });
  }

  it('are checked: one for another machine, or with needs, does not pass', () => {
    const machine = process.arch === 'arm64' ? ARM64 : X64;
    const other = process.arch === 'arm64' ? X64 : ARM64;
    checkBinary(BUILT, machine);
    assert.throws(() => checkBinary(BUILT, other), new RegExp(`is for ${machine}, not for`));
    assert.throws(
      () => checkBinary(SCHEDULING, machine),
      /needs the library libc.*, needs the symbol .*, needs versions of symbols/,
    );
  });
});
