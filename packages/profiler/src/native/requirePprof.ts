import { createRequire } from 'node:module';

/**
 * Loads a module of `@datadog/pprof` that is not part of its public API.
 *
 * In a bundled application only the name `@datadog/pprof` has to be external: a bundler sees the
 * `require` of that name below, and no path inside the package.
 *
 * @param name File in `out/src` of the package, without its extension.
 * @throws the error of `require` if the package is not found or does not load.
 */
export function requirePprof(name: string): object {
  let failure: unknown;
  // Some bundles have no `__filename`, or one that names no place where packages are found.
  if (typeof __filename !== 'undefined') {
    try {
      return createRequire(__filename)(`@datadog/pprof/out/src/${name}`) as object;
    } catch (thrown) {
      failure = thrown;
    }
  }
  try {
    return mainModule().require(`./${name}`) as object;
  } catch (thrown) {
    throw failure ?? thrown;
  }
}

/**
 * Returns the modules that Node.js has loaded in this thread, by file. In a bundle, `require.cache`
 * has the bundle's own modules instead.
 */
export function loadedModules(): NodeJS.Dict<NodeJS.Module> {
  return createRequire(process.execPath).cache;
}

/** Returns the module of the package's public exports. */
function mainModule(): NodeJS.Module {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, like all of it
  const main: unknown = require('@datadog/pprof');
  const found = Object.values(loadedModules()).find((module) => module?.exports === main);
  if (found === undefined) throw new Error('@datadog/pprof is inside the bundle');
  return found;
}
