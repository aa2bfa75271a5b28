import { fileURLToPath } from 'node:url';
import {
  type EncodedSourceMap,
  FlattenMap,
  type Section,
  type SectionedSourceMapInput,
  type TraceMap,
  decodedMappings,
  traceSegment,
} from '@jridgewell/trace-mapping';
import type { SourcePosition } from './mapSources';

/** A script, its source map, and the URL that the sources of the map are relative to. */
export interface ScriptText {
  readonly text: string;
  readonly map: string;
  readonly mapUrl: URL;
}

/**
 * Matches the name before the place that V8 gives for a function. That place is the parameter list,
 * or the `async` of an arrow function. The name stands right before it, or is assigned to.
 */
const NAME_BEFORE =
  /([\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)\s*(?:[=:]\s*(?:async\s+)?(?:function\s*\*?\s*)?)?$/u;
/** Limits the text that is searched for a name: names are short, minified lines are not. */
const LOOK_BEHIND = 200;
/** Lines as V8 counts them. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;
/** A prefix of some served maps. It keeps a page from loading the JSON as a script. */
const GUARD = /^\)\]\}'[^\n]*\n/;

/** A script with its decoded source map. */
export class MappedScript {
  /** Characters of the script and its map. */
  readonly size: number;
  private readonly lines: readonly string[];
  private readonly map: TraceMap;

  /** @throws Error when the map is not a source map of version 3. */
  constructor({ text, map, mapUrl }: ScriptText) {
    this.size = text.length + map.length;
    this.lines = text.split(LINE_END);
    const parsed: unknown = JSON.parse(map.replace(GUARD, ''));
    this.map = new FlattenMap(checkMap(parsed, mapUrl, this.lines.length));
  }

  /**
   * Returns the original position of a place in the script. All lines and columns are 1-based.
   * Without a column: the position of the first character of the line that is not blank, or of the
   * first mapping after it: compilers map no `else`. Returns `undefined` when the map has no
   * mapping there.
   */
  originalPosition(line: number, column?: number): SourcePosition | undefined {
    const text = this.lines[line - 1];
    if (text === undefined) return undefined;
    // Maps count from 0, profiles count from 1.
    const offset = column === undefined ? text.search(/\S|$/) : column - 1;
    const segment =
      traceSegment(this.map, line - 1, offset) ??
      (column === undefined ? decodedMappings(this.map)[line - 1]?.[0] : undefined);
    if (segment === undefined || segment.length === 1) return undefined;
    const [, source, originalLine, originalColumn] = segment;
    const file = this.map.sources[source];
    if (!file || originalLine < 0 || originalColumn < 0) return undefined;
    if (column === undefined) return { file, line: originalLine + 1 };
    const name = this.nameBefore(line - 1, offset, text);
    return {
      file,
      line: originalLine + 1,
      column: originalColumn + 1,
      ...(name === undefined ? {} : { name }),
    };
  }

  private nameBefore(line: number, offset: number, text: string): string | undefined {
    const start = Math.max(0, offset - LOOK_BEHIND);
    const match = NAME_BEFORE.exec(text.slice(start, offset));
    if (match === null) return undefined;
    const at = start + match.index;
    const segment = traceSegment(this.map, line, at);
    // The name of an earlier mapping belongs to another identifier.
    if (segment?.length !== 5 || segment[0] !== at) return undefined;
    const name: unknown = this.map.names[segment[4]];
    // For a name that did not change, V8's own text says more than the map: `get size`.
    return typeof name === 'string' && name !== '' && name !== match[1] ? name : undefined;
  }
}

/**
 * Returns what the library needs of a parsed map, with resolved sources. The library does not check
 * a map. It allocates every line up to `offset.line`, so a section must begin within the script.
 *
 * @throws Error when the value is not a source map of version 3.
 */
function checkMap(value: unknown, url: URL, lines: number): SectionedSourceMapInput {
  const map = value as { version?: unknown; sections?: Section[] };
  if (map.version !== 3) throw new Error('not of version 3');
  if (map.sections === undefined) return checkMappings(map, url, lines);
  const sections = map.sections.map(({ offset: { line, column }, map: part }) => {
    const isInScript =
      line < lines && [line, column].every((at) => Number.isInteger(at) && at >= 0);
    if (!isInScript) throw new Error('a section outside the script');
    return { offset: { line, column }, map: checkMappings(part, url, lines) };
  });
  return { version: 3, sections };
}

/** Checks a map without sections. @throws Error when it has no mappings. */
function checkMappings(value: unknown, url: URL, lines: number): EncodedSourceMap {
  const map = value as Partial<EncodedSourceMap>;
  const { version, mappings, names, sources = [], sourceRoot } = map;
  if (version !== 3 || typeof mappings !== 'string' || !/^[A-Za-z0-9+/,;]*$/.test(mappings)) {
    throw new Error('no mappings of version 3');
  }
  const root = sourceRoot ? `${sourceRoot.replace(/\/$/, '')}/` : '';
  return {
    version,
    // A decoded line takes 45 times the byte of its `;`, so lines after the script are cut off.
    mappings: mappings.split(';', lines).join(';'),
    names: Array.isArray(names) ? names : [],
    sources: sources.map((source) => (source === null ? '' : resolveSource(root + source, url))),
  };
}

/** Returns a path for a file. A bundler's URL, such as `webpack:`, leads to no file and stays. */
function resolveSource(source: string, base: URL): string {
  try {
    const url = new URL(source, base);
    return url.protocol === 'file:' ? fileURLToPath(url) : source;
  } catch {
    return source;
  }
}
