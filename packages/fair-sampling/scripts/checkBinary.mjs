import { execFileSync } from 'node:child_process';

/** What the add-on may take from the process that loads it; Node.js exports the first two kinds. */
const ALLOWED = /^(napi_\w+|uv_loop_configure|syscall|__errno_location)$/;

/**
 * Checks that a Linux add-on is for `machine` (readelf's word) and loads with every C library.
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
  if (/\.gnu\.version_r/.test(readelf('--sections'))) problems.push('needs versions of symbols');
  if (problems.length > 0) throw new Error(`${file} ${problems.join(', ')}`);
}
