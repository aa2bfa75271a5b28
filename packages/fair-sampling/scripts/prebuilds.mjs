/**
 * `npm run prebuilds` compiles the binaries that the package contains. Commit them with every
 * change of `src/fairSampling.c`.
 *
 * It needs Debian on x64 with the packages `gcc`, `gcc-aarch64-linux-gnu` and
 * `libc6-dev-arm64-cross`.
 */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBinary } from './checkBinary.mjs';
import { compile } from './compile.mjs';

const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGETS = [
  ['linux-x64', 'x86_64-linux-gnu-gcc', 'Advanced Micro Devices X86-64'],
  ['linux-arm64', 'aarch64-linux-gnu-gcc', 'AArch64'],
];

for (const [platform, compiler, machine] of TARGETS) {
  const file = join(PACKAGE, 'prebuilds', platform, 'fair-sampling.node');
  compile(file, compiler);
  checkBinary(file, machine);
  console.log(`${file}: ${statSync(file).size} bytes`);
}
