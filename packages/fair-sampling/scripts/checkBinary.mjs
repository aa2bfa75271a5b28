import { execFileSync } from 'node:child_process';

/**
 * Symbols that the add-on may use from the process that loads it. Node.js exports the `napi_`
 * symbols and `uv_loop_configure`; the C library exports the others.
 */
const ALLOWED = /^(napi_\w+|uv_loop_configure|syscall|__errno_location)$/;

/**
 * Largest page size of each machine, by the name that readelf uses. A C library refuses to load a
 * segment that is aligned to less than a page. Kernels for arm64 have pages of 4, 16 or 64 KB.
 */
const LARGEST_PAGE = { 'Advanced Micro Devices X86-64': 0x1000, AArch64: 0x10000 };

/**
 * Checks that a Linux add-on is for `machine` (the name that readelf uses) and that it loads with
 * every C library and every page size of that machine.
 *
 * @throws {Error} with all problems of the file.
 */
export function checkBinary(file, machine) {
  const readelf = (option) =>
    execFileSync('readelf', ['--wide', option, file], { encoding: 'utf8' });
  const problems = [];
  const actual = /^\s*Machine:\s*(.*)$/m.exec(readelf('--file-header'))?.[1];
  if (actual !== machine) problems.push(`is for ${actual}, not for ${machine}`);
  for (const [, library] of readelf('--dynamic').matchAll(/\(NEEDED\).*\[(.*)\]/g)) {
    problems.push(`needs the library ${library}`);
  }
  for (const [, symbol] of readelf('--dyn-syms').matchAll(/ UND +(\S.*)$/gm)) {
    if (!ALLOWED.test(symbol.trim())) problems.push(`needs the symbol ${symbol.trim()}`);
  }
  const segments = [
    ...readelf('--program-headers').matchAll(
      /^ +(?<type>LOAD|GNU_STACK) +(?:0x\w+ +){4}0x\w+ (?<flags>[RWE ]{3}) (?<alignment>0x\w+)$/gm,
    ),
  ].map(({ groups }) => groups);
  const loaded = segments.filter(({ type }) => type === 'LOAD');
  if (loaded.length === 0) problems.push('has nothing to load');
  for (const { alignment } of loaded) {
    if (Number(alignment) % LARGEST_PAGE[machine] !== 0) {
      problems.push(`has a segment aligned to ${alignment}, less than the largest page`);
    }
  }
  // The stack is also executable if there is no GNU_STACK header. glibc 2.41 does not load such
  // files.
  const stack = segments.find(({ type }) => type === 'GNU_STACK');
  if (stack?.flags.includes('E') ?? true) problems.push('needs an executable stack');
  if (/\.gnu\.version_r/.test(readelf('--sections'))) problems.push('needs symbol versions');
  if (problems.length > 0) throw new Error(`${file} ${problems.join(', ')}`);
}
