import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'fairSampling.c');

const COMMON = ['-O2', '-std=c11', '-Wall', '-Wextra', '-shared', '-fPIC', '-fvisibility=hidden'];

/**
 * On Linux, the add-on is linked with no library. Its symbols therefore have no versions, and it
 * uses the C library of the process, glibc or musl. The stack protector would add a symbol.
 * Separate segments for code and for relocated data would each pad the file by a page, which is 64
 * KB on arm64.
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

/** Returns the SHA-256 of the add-on's source. The add-on exports the hash as `source`. */
export function sourceHash() {
  return createHash('sha256').update(readFileSync(SOURCE)).digest('hex');
}

/**
 * Compiles the add-on into the file `output`.
 *
 * @throws {Error} if there is no compiler or the compilation fails. `stderr` of the error has the
 * output of the compiler.
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
    // The output of the compiler goes into the error, not to the terminal.
    { stdio: 'pipe' },
  );
}

/**
 * Returns the folder of the Node.js headers: from the installed Node.js or, without them, from the
 * package `node-api-headers`.
 */
function headers() {
  const installed = join(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(installed, 'node_api.h'))) return installed;
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    throw new Error(
      `there are no Node.js headers in ${installed}, and node-api-headers is not installed`,
    );
  }
}
