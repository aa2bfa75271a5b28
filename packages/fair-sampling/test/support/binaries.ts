import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const PACKAGE = join(__dirname, '../../..');

/** Folder for this run of the tests. */
export const TEMPORARY = mkdtempSync(join(tmpdir(), 'rulescope-fair-sampling-'));
process.once('exit', () => rmSync(TEMPORARY, { recursive: true, force: true }));

/** Add-on that `npm run prebuilds` compiled for this platform. */
export const SHIPPED = join(
  PACKAGE,
  `prebuilds/${process.platform}-${process.arch}/fair-sampling.node`,
);

/** Add-on that the compiler of this machine builds. It exists after {@link buildBinaries}. */
export const BUILT = join(TEMPORARY, 'built/fair-sampling.node');

/** Program that prints how threads are scheduled. It exists after {@link buildBinaries}. */
export const SCHEDULING = join(TEMPORARY, 'scheduling');

/**
 * Program that runs another program under a seccomp filter. It exists after {@link buildBinaries}.
 */
export const REFUSE = join(TEMPORARY, 'refuse');

/** Imports a module of `scripts`. These modules are not part of the compiled tests. */
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
