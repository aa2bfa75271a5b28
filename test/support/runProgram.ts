import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Modules that a program in another directory can require, by the name of the variable. */
const MODULES = {
  profiler: '@rulescope/profiler',
  pprof: '@rulescope/profiler/pprof',
  lines: '@rulescope/profiler/lines',
  heap: '@rulescope/profiler/heap',
  datadog: '@rulescope/profiler/datadog',
};

/**
 * Runs a program of several files in a directory of its own. It must end with code 0 and print
 * nothing to stderr. Each file can `load('pprof')` a module of the profiler.
 *
 * @param files Content by path. The first file is started.
 * @returns What it printed, parsed as JSON.
 */
export async function runProgram<T>(
  files: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<T> {
  // With characters that are escaped in a URL.
  const directory = mkdtempSync(join(tmpdir(), 'rulescope 50% ü-'));
  try {
    const paths = Object.entries(MODULES).map(([name, id]) => [name, require.resolve(id)]);
    const loader = `globalThis.load = (name) => require(${JSON.stringify(Object.fromEntries(paths))}[name]);`;
    writeFileSync(join(directory, 'loader.cjs'), loader);
    for (const [name, content] of Object.entries(files)) {
      assert.equal(basename(name), name);
      writeFileSync(join(directory, name), content);
    }
    const [main] = Object.keys(files);
    const args = [...nodeOptions, '--require', './loader.cjs', main!];
    const { stdout, stderr } = await execute(process.execPath, args, {
      cwd: directory,
      env: { ...process.env, FORCE_COLOR: '0' },
      timeout: 55_000,
      killSignal: 'SIGKILL',
    });
    assert.equal(stderr, '');
    return JSON.parse(stdout) as T;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
