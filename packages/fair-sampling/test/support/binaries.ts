import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const PACKAGE = join(__dirname, '../../..');

/** A folder for this run of the tests. */
export const TEMPORARY = mkdtempSync(join(tmpdir(), 'rulescope-fair-sampling-'));
process.once('exit', () => rmSync(TEMPORARY, { recursive: true, force: true }));

/** The add-on that `npm run prebuilds` made for this platform. */
export const SHIPPED = join(
  PACKAGE,
  `prebuilds/${process.platform}-${process.arch}/fair-sampling.node`,
);

/** The add-on as this machine's compiler makes it; there after {@link buildBinaries}. */
export const BUILT = join(TEMPORARY, 'built/fair-sampling.node');

/** Prints how threads are scheduled; there after {@link buildBinaries}. */
export const SCHEDULING = join(TEMPORARY, 'scheduling');

/** Runs a program under a seccomp filter; there after {@link buildBinaries}. */
export const REFUSE = join(TEMPORARY, 'refuse');

/** Imports a module of `scripts`: they are no part of the compiled tests. */
export async function importScript<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(PACKAGE, 'scripts', name)).href)) as T;
}

let building: Promise<void> | undefined;

/** Compiles the add-on and the programs of the tests, once. */
export function buildBinaries(): Promise<void> {
  building ??= (async () => {
    const { compile } = await importScript<{ compile(output: string): void }>('compile.mjs');
    compile(BUILT);
    for (const output of [SCHEDULING, REFUSE]) {
      const source = join(PACKAGE, 'test/support', `${output.slice(TEMPORARY.length + 1)}.c`);
      execFileSync('cc', ['-o', output, source]);
    }
  })();
  return building;
}
