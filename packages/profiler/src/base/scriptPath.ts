import { fileURLToPath } from 'node:url';

/**
 * Returns the path of a script in the file system. V8 names a CommonJS script by its path and an ES
 * module by its URL, with escapes such as `%20`. A query or fragment of the URL tells instances of a
 * module apart. It is dropped, because all of them are one file.
 *
 * Returns every other name as it is: `node:fs`, URLs of other schemes, and file URLs that are no
 * path on this system.
 */
export function scriptPath(scriptName: string): string {
  if (!scriptName.startsWith('file:')) return scriptName;
  try {
    return fileURLToPath(scriptName);
  } catch {
    return scriptName;
  }
}

/** Returns a {@link scriptPath} that computes each path once, for a tree that repeats its scripts. */
export function cachedScriptPath(): typeof scriptPath {
  const paths = new Map<string, string>();
  return (scriptName) => {
    let path = paths.get(scriptName);
    if (path === undefined) paths.set(scriptName, (path = scriptPath(scriptName)));
    return path;
  };
}
