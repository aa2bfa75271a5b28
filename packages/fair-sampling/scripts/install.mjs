/**
 * Runs as npm's install script. Compiles the add-on if the package has no binary for the platform.
 *
 * Never makes an installation fail: without the add-on, sampling works as it does without this
 * package.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';

const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '..');
const platform = `${process.platform}-${process.arch}`;

if (!existsSync(join(PACKAGE, 'prebuilds', platform, 'fair-sampling.node'))) {
  try {
    compile(join(PACKAGE, 'build/Release/fair-sampling.node'));
  } catch (error) {
    console.error(
      `@rulescope/fair-sampling: there is no binary for ${platform}, and src/fairSampling.c could not be compiled (${cause(error)}); CPU is sampled without it, but less exactly`,
    );
  }
}

/** Returns the first error that the compiler printed. If no compiler ran, returns the reason. */
function cause({ stderr, message }) {
  const lines = String(stderr ?? '')
    .split('\n')
    .map((line) => line.trim())
    // Drop lines such as "In function 'f':", and the line that only repeats that the linker failed.
    .filter((line) => !/^$|:$|^collect2: error: ld |linker command failed/.test(line));
  return lines.find((line) => /error:/i.test(line)) ?? lines[0] ?? message.split('\n')[0];
}
