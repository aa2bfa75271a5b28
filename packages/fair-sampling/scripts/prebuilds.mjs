/**
 * `npm run prebuilds` compiles the binaries that the package contains, and copies them to
 * `src/binaries.ts` for bundled applications. Commit all of them with every change of
 * `src/fairSampling.c`.
 *
 * It needs Debian on x64 with the packages `gcc`, `gcc-aarch64-linux-gnu` and
 * `libc6-dev-arm64-cross`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBinary } from './checkBinary.mjs';
import { compile } from './compile.mjs';

const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGETS = [
  ['linux-x64', 'x86_64-linux-gnu-gcc', 'Advanced Micro Devices X86-64'],
  ['linux-arm64', 'aarch64-linux-gnu-gcc', 'AArch64'],
];

const embedded = [];
for (const [platform, compiler, machine] of TARGETS) {
  const file = join(PACKAGE, 'prebuilds', platform, 'fair-sampling.node');
  compile(file, compiler);
  checkBinary(file, machine);
  const binary = readFileSync(file);
  console.log(`${file}: ${binary.length} bytes`);
  embedded.push(`  '${platform}':\n    '${binary.toString('base64')}',\n`);
}
writeFileSync(
  join(PACKAGE, 'src/binaries.ts'),
  `/** The files of \`prebuilds\` in base64, by platform. \`npm run prebuilds\` writes this file. */
export const BINARIES: Readonly<Record<string, string>> = {
${embedded.join('')}};
`,
);
