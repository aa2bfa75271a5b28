import { integerInRange, knownKeys } from '../base/validate';
import type { SourceLookup, SourcePosition } from './mapSources';
import { originalPosition } from './originalPosition';
import { type MappedScript, type NoMap, readMappedScript } from './readMappedScript';

export interface SourceMapLookupOptions {
  /**
   * Most bytes of scripts and maps to keep; those used last stay. A script or map that is larger is not read. Decoded, a map takes
   * several times its bytes. Default: 64 MiB.
   */
  readonly maxCacheBytes?: number;
}

/** What became of the frames asked for. */
export interface SourceMapCounts {
  mapped: number;
  /** The script names no source map, is no file, or cannot be read. */
  withoutMap: number;
  /** The script names a source map that cannot be read, or is too large. */
  missingMap: number;
  /** The source map is none. */
  corruptMap: number;
  /** The source map says nothing of that place. */
  unmapped: number;
}

/** A {@link SourceLookup} and what it has counted so far. */
export type SourceMapLookup = SourceLookup & { readonly counts: Readonly<SourceMapCounts> };

const DEFAULT_BYTES = 64 * 1024 * 1024;
/** What an entry of the cache takes without any text. */
const ENTRY_BYTES = 500;

/**
 * A lookup for {@link mapSources} that reads the source map which a script names in its last `sourceMappingURL` comment: a file, or a
 * data URL in the script itself. It reads from disk synchronously, at the first frame of each script, and never throws: a frame
 * whose map is missing or corrupt stays as it is, and `counts` tells how many did. It does not notice when a file changes.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 */
export function sourceMapLookup(options: SourceMapLookupOptions = {}): SourceMapLookup {
  knownKeys('sourceMapLookup', options, ['maxCacheBytes']);
  const { maxCacheBytes = DEFAULT_BYTES } = options;
  integerInRange('maxCacheBytes', maxCacheBytes, 0, Number.MAX_SAFE_INTEGER);
  const counts = { mapped: 0, withoutMap: 0, missingMap: 0, corruptMap: 0, unmapped: 0 };
  /** Least recently used first. */
  const cache = new Map<string, MappedScript | NoMap>();
  let cachedBytes = 0;

  const scriptOf = (file: string): MappedScript | NoMap => {
    const cached = cache.get(file);
    const script = cached ?? readMappedScript(file, maxCacheBytes);
    if (cached === undefined) cachedBytes += bytesOf(script);
    cache.delete(file);
    cache.set(file, script);
    for (const [oldest, other] of cache) {
      if (cachedBytes <= maxCacheBytes) break;
      cache.delete(oldest);
      cachedBytes -= bytesOf(other);
    }
    return script;
  };

  const lookup = (file: string, line: number, column?: number): SourcePosition | undefined => {
    const script = scriptOf(file);
    const position = typeof script === 'string' ? script : originalPosition(script, line, column);
    if (typeof position === 'object') {
      counts.mapped++;
      return position;
    }
    counts[position ?? 'unmapped']++;
    return undefined;
  };
  return Object.assign(lookup, { counts });
}

function bytesOf(script: MappedScript | NoMap): number {
  return ENTRY_BYTES + (typeof script === 'string' ? 0 : script.bytes);
}
