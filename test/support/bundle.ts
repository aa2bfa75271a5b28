import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';

/**
 * Bundles a CommonJS program and its modules into the text of one file, as webpack and esbuild do.
 * Modules whose name is in `externals` and modules of Node.js are required when the bundle runs.
 */
export function bundle(entry: string, externals: readonly string[]): string {
  const ids = new Map<string, number>();
  const modules: string[] = [];

  function add(file: string): number {
    const known = ids.get(file);
    if (known !== undefined) return known;
    const id = ids.size;
    ids.set(file, id);
    const text = readFileSync(file, 'utf8');
    const body = file.endsWith('.json') ? `module.exports = ${text}` : withIds(text, file);
    modules[id] = `function (exports, module) {${body}\n}`;
    return id;
  }

  function withIds(text: string, file: string): string {
    return text.replace(/\brequire\((['"])([^'"]+)\1\)/g, (call: string, _, name: string) => {
      if (isBuiltin(name) || externals.includes(name)) return call;
      try {
        return `bundled(${add(createRequire(file).resolve(name))})`;
      } catch {
        return call; // An example in a comment, or an optional package.
      }
    });
  }

  add(entry);
  return `'use strict';
    const modules = [${modules.join(',\n')}];
    const loaded = [];
    function bundled(id) {
      if (loaded[id] === undefined) {
        loaded[id] = { exports: {} };
        modules[id].call(loaded[id].exports, loaded[id].exports, loaded[id]);
      }
      return loaded[id].exports;
    }
    bundled(0);`;
}
