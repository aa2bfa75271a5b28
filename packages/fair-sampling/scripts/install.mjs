/**
 * npm's install script: compiles the add-on where the package brings no binary for the platform.
 * Never fails an installation: without the add-on, sampling works as it does without this package.
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
    const cause = String(error.message).trim().split('\n')[0];
    console.error(
      `@rulescope/fair-sampling: no binary for ${platform} and no compiler that makes one (${cause}); CPU is sampled, but not fairly`,
    );
  }
}
