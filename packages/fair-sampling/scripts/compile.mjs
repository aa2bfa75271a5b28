import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'fairSampling.c');

const COMMON = ['-O2', '-std=c11', '-Wall', '-Wextra', '-shared', '-fPIC', '-fvisibility=hidden'];

/**
 * On Linux, the add-on is linked with no library, so its symbols have no versions and it uses the C
 * library that the process has, glibc or musl. The stack protector would add a symbol. Separate
 * segments for code and for relocated data would each pad the file by a page: 64 KB on arm64.
 */
const LINUX = [
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-nostdlib',
  '-s',
  '-Wl,-z,noseparate-code,-z,norelro',
  '-Wl,--build-id=none',
];
const MACOS = ['-undefined', 'dynamic_lookup'];

/** Returns the SHA-256 of the add-on's source; the add-on exports it as `source`. */
export function sourceHash() {
  return createHash('sha256').update(readFileSync(SOURCE)).digest('hex');
}

/**
 * Compiles the add-on into the file `output`.
 *
 * @throws {Error} whose `stderr` has what the compiler says, if there is a compiler.
 */
export function compile(output, compiler = process.env.CC || 'cc') {
  mkdirSync(dirname(output), { recursive: true });
  const platform = process.platform === 'darwin' ? MACOS : LINUX;
  execFileSync(
    compiler,
    [
      ...COMMON,
      ...platform,
      `-DSOURCE_SHA256="${sourceHash()}"`,
      `-I${headers()}`,
      '-o',
      output,
      SOURCE,
    ],
    // What the compiler says goes into the error's message, not to the terminal.
    { stdio: 'pipe' },
  );
}

/** The headers that Node.js is installed with, or those of the package `node-api-headers`. */
function headers() {
  const installed = join(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(installed, 'node_api.h'))) return installed;
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    throw new Error(`no headers of Node.js in ${installed}, and no package node-api-headers`);
  }
}
