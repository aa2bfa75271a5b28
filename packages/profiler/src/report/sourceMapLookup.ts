import { integerInRange, knownKeys, matching } from '../base/validate';
import { MappedScript } from './MappedScript';
import type { SourceLookup } from './mapSources';
import { readScript } from './readScript';

export interface SourceMapLookupOptions {
  /**
   * Limits the memory for scripts and maps, in bytes of their text. The least recently used are
   * dropped first. A script or map larger than the limit is not read. Decoded, the `mappings` of a
   * map take about 20 times the bytes of their text. Default: 64 MiB.
   */
  readonly maxCacheBytes?: number;
}

/** Counts the frames that were looked up, by outcome. */
export interface SourceMapCounts {
  /** The map has an original position. */
  mapped: number;
  /** The script names no source map, is not a file, or cannot be read. */
  withoutMap: number;
  /** The script names a source map that cannot be read or is larger than `maxCacheBytes`. */
  missingMap: number;
  /** The source map is not a valid map of version 3. */
  corruptMap: number;
  /** The source map has no original position for the place. */
  unmapped: number;
}

/** A {@link SourceLookup} with the counts of all its calls so far. */
export type SourceMapLookup = SourceLookup & { readonly counts: Readonly<SourceMapCounts> };

type NoMap = 'withoutMap' | 'missingMap' | 'corruptMap';

const DEFAULT_BYTES = 64 * 1024 * 1024;
/** Accounts for an entry of the cache without its text. */
const ENTRY_BYTES = 500;

/**
 * Returns a lookup for {@link mapSources} that reads source maps from disk.
 *
 * It reads the map that the last `sourceMappingURL` comment of a script names: a file, or a data
 * URL in the script. It reads synchronously at the first frame of each script, and does not notice
 * later changes of a file. The lookup returns `undefined` for a frame without a usable map, and
 * `counts` says why. It throws an InvalidOptionError for an argument that is not allowed, only.
 *
 * @throws InvalidOptionError when `maxCacheBytes` is not an integer of at least 0, or for an
 * unknown option.
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
    const script = cached ?? load(file, maxCacheBytes);
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

  const lookup: SourceLookup = (file, line, column) => {
    matching('file', file, /^/, 'a string');
    integerInRange('line', line, 0, Number.MAX_SAFE_INTEGER);
    if (column !== undefined) integerInRange('column', column, 0, Number.MAX_SAFE_INTEGER);
    const script = scriptOf(file);
    if (typeof script === 'string') {
      counts[script]++;
      return undefined;
    }
    const position = script.originalPosition(line, column);
    counts[position === undefined ? 'unmapped' : 'mapped']++;
    return position;
  };
  return Object.assign(lookup, { counts });
}

function load(file: string, maxBytes: number): MappedScript | NoMap {
  const script = readScript(file, maxBytes);
  if (typeof script === 'string') return script;
  try {
    return new MappedScript(script);
  } catch {
    return 'corruptMap';
  }
}

function bytesOf(script: MappedScript | NoMap): number {
  return ENTRY_BYTES + (typeof script === 'string' ? 0 : script.size);
}
