import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARIES } from '../src/binaries';
import { loadAddon } from '../src/loadAddon';
import {
  BUILT,
  PACKAGE,
  SCHEDULING,
  SHIPPED,
  TEMPORARY,
  buildBinaries,
  importScript,
} from './support/binaries';
import { changeSegments } from './support/changeSegments';

const ARM64 = 'AArch64';
const X64 = 'Advanced Micro Devices X86-64';

const shipped = (platform: string): string =>
  join(PACKAGE, 'prebuilds', platform, 'fair-sampling.node');

describe('the shipped binaries', () => {
  let checkBinary: (file: string, machine: string) => void;
  let sourceHash: () => string;
  before(async () => {
    await buildBinaries();
    ({ checkBinary } = await importScript<{ checkBinary: typeof checkBinary }>('checkBinary.mjs'));
    ({ sourceHash } = await importScript<{ sourceHash: typeof sourceHash }>('compile.mjs'));
  });

  for (const [platform, machine] of [
    ['linux-x64', X64],
    ['linux-arm64', ARM64],
  ] as const) {
    it(`load with every C library and page size: ${platform}`, () => {
      checkBinary(shipped(platform), machine);
    });

    it(`are the ones that bundled applications load (if not: npm run prebuilds): ${platform}`, () => {
      assert.equal(BINARIES[platform], readFileSync(shipped(platform), 'base64'));
    });

    // Only one of the binaries loads on this machine, so the test searches the bytes for the hash.
    it(`are compiled from this source (if not: npm run prebuilds): ${platform}`, () => {
      const binary = readFileSync(shipped(platform), 'latin1');
      assert.ok(
        binary.includes(sourceHash()),
        'the binary was compiled from another fairSampling.c',
      );
    });
  }

  it('export the hash of their source', () => {
    assert.equal(loadAddon([SHIPPED]).source, sourceHash());
  });

  it('do not pass the check if they are for another machine or need a library', () => {
    const machine = process.arch === 'arm64' ? ARM64 : X64;
    const other = process.arch === 'arm64' ? X64 : ARM64;
    checkBinary(BUILT, machine);
    assert.throws(() => checkBinary(BUILT, other), new RegExp(`is for ${machine}, not for`));
    assert.throws(
      () => checkBinary(SCHEDULING, machine),
      /needs the library libc.*, needs the symbol .*, needs symbol versions/,
    );
  });

  for (const [what, problem, change] of [
    ['segments of 4 KB on arm64', /aligned to 0x1000, less/, { type: 'LOAD', alignment: 0x1000n }],
    ['an executable stack', /executable stack$/, { type: 'GNU_STACK', flags: 7 }],
    ['no header for the stack', /executable stack$/, { type: 'GNU_STACK', becomes: 'NULL' }],
  ] as const) {
    it(`do not pass the check with ${what}`, () => {
      const file = join(TEMPORARY, `${what}.node`);
      const binary = readFileSync(shipped('linux-arm64'));
      writeFileSync(file, changeSegments(binary, change));
      assert.throws(() => checkBinary(file, ARM64), problem);
    });
  }
});
