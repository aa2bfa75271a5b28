import { execFileSync } from 'node:child_process';

/** What the add-on may take from the process that loads it; Node.js exports the first two kinds. */
const ALLOWED = /^(napi_\w+|uv_loop_configure|syscall|__errno_location)$/;

/**
 * The largest page of each machine, by readelf's word for it. A C library refuses to load a segment
 * that is aligned to less than a page; kernels for arm64 have pages of 4, 16 or 64 KB.
 */
const LARGEST_PAGE = { 'Advanced Micro Devices X86-64': 0x1000, AArch64: 0x10000 };

/**
 * Checks that a Linux add-on is for `machine` (readelf's word) and loads with every C library and
 * every page size of the machine.
 *
 * @throws {Error} that says what is wrong with it.
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
      problems.push(`has a segment aligned to ${alignment}, less than a page can be`);
    }
  }
  // Without a GNU_STACK header the stack is executable, too. glibc 2.41 does not load such files.
  const stack = segments.find(({ type }) => type === 'GNU_STACK');
  if (stack?.flags.includes('E') ?? true) problems.push('needs an executable stack');
  if (/\.gnu\.version_r/.test(readelf('--sections'))) problems.push('needs versions of symbols');
  if (problems.length > 0) throw new Error(`${file} ${problems.join(', ')}`);
}
