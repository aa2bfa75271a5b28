import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';

/** Globals that a test runner gives to each file. */
const GLOBALS = [
  'process',
  'console',
  'performance',
  'Buffer',
  'setTimeout',
  'clearTimeout',
  'setImmediate',
];

/**
 * Runs CommonJS code as the test runners Jest and vitest run a test file: with a `globalThis` and
 * modules of its own. Native modules and the modules of Node.js are those of the thread.
 *
 * @returns What `code` exports.
 */
export function runInRealm(code: string): unknown {
  const realm = vm.createContext(
    Object.fromEntries(GLOBALS.map((name) => [name, Reflect.get(globalThis, name) as unknown])),
  );
  const cache: Record<string, NodeModule> = {};
  const load = (file: string, source: string): unknown => {
    const module = { exports: {} } as NodeModule;
    cache[file] = module;
    const real = createRequire(file);
    const requireHere = (id: string): unknown => {
      const resolved = real.resolve(id);
      if (!resolved.includes('/') || resolved.endsWith('.node')) return load0(resolved);
      return cache[resolved]?.exports ?? load(resolved, readFileSync(resolved, 'utf8'));
    };
    const load0 = (resolved: string): unknown => {
      const exports: unknown = real(resolved);
      if (resolved.endsWith('.node')) cache[resolved] = { exports } as NodeModule;
      return exports;
    };
    if (file.endsWith('.json')) return (module.exports = JSON.parse(source) as unknown);
    const fn = vm.compileFunction(
      source,
      ['exports', 'require', 'module', '__filename', '__dirname'],
      { parsingContext: realm, filename: file },
    ) as (...parts: unknown[]) => void;
    fn(
      module.exports,
      Object.assign(requireHere, { cache, resolve: real.resolve }),
      module,
      file,
      dirname(file),
    );
    return module.exports;
  };
  return load(__filename, code);
}
