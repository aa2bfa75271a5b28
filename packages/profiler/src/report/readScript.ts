import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ScriptText } from './MappedScript';

const COMMENT = /\/[/*][#@]\s*sourceMappingURL=([^\s*'"`]+)/g;

/**
 * Reads a script and the source map that its last `sourceMappingURL` comment names. This is the
 * only file of `report` that reads from disk. Never throws.
 *
 * @param file A path or a file URL.
 * @param maxBytes A larger script or map is not read.
 * @returns `withoutMap` when the script cannot be read or names no map; `missingMap` when the map
 * cannot be read.
 */
export function readScript(
  file: string,
  maxBytes: number,
): ScriptText | 'withoutMap' | 'missingMap' {
  const path = pathOf(file);
  const text = path === undefined ? undefined : readText(path, maxBytes);
  const name = text === undefined ? undefined : [...text.matchAll(COMMENT)].at(-1)?.[1];
  if (path === undefined || text === undefined || name === undefined) return 'withoutMap';
  const source = attempt(() => readMap(name, pathToFileURL(path), maxBytes));
  return source === undefined ? 'missingMap' : { text, ...source };
}

/**
 * V8 names an ES module by its URL. `@datadog/pprof` cuts off `file://` and leaves the rest
 * encoded.
 */
function pathOf(file: string): string | undefined {
  if (file.startsWith('file:')) return attempt(() => fileURLToPath(file));
  if (!isAbsolute(file)) return undefined;
  const decoded = file.includes('%') ? attempt(() => fileURLToPath(`file://${file}`)) : undefined;
  return decoded !== undefined && !isFile(file) ? decoded : file;
}

/** Reads a map from a data URL or a file. @throws Error for a malformed URL. */
function readMap(
  name: string,
  script: URL,
  maxBytes: number,
): Pick<ScriptText, 'map' | 'mapUrl'> | undefined {
  const inline = /^data:[^,]*?(;base64)?,(.*)$/s.exec(name);
  if (inline !== null) {
    const [, base64, data = ''] = inline;
    const map = base64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
    return { map, mapUrl: script };
  }
  const mapUrl = new URL(name, script);
  if (mapUrl.protocol !== 'file:') return undefined;
  const map = readText(fileURLToPath(mapUrl), maxBytes);
  return map === undefined ? undefined : { map, mapUrl };
}

/** Reads a regular file of at most `maxBytes`. Opening a pipe would wait for its writer. */
function readText(path: string, maxBytes: number): string | undefined {
  return attempt(() => {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= maxBytes ? readFileSync(path, 'utf8') : undefined;
  });
}

function isFile(path: string): boolean {
  return attempt(() => statSync(path).isFile()) ?? false;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
