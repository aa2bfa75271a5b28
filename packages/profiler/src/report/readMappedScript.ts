import { readFileSync, statSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { namedColumns } from '../pprof/namedColumns';

/** A script and its source map. */
export interface MappedScript {
  readonly map: SourceMap;
  /** Whether the mapping that begins there, both 0-based, has a name. */
  readonly hasName: (line: number, column: number) => boolean;
  readonly lines: readonly string[];
  /** Of both together. */
  readonly bytes: number;
}

/** Why there is no map. */
export type NoMap = 'withoutMap' | 'missingMap' | 'corruptMap';

/** A map in its text form, and what its sources are relative to. */
interface MapText {
  readonly text: string;
  readonly base: URL;
}

const COMMENT = /\/[/*][#@]\s*sourceMappingURL=([^\s*'"`]+)/g;
/** As V8 counts lines. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;
/** Some servers put this in front of JSON so that no page can load it as a script. */
const GUARD = /^\)\]\}'[^\n]*\n/;

/** Reads a script and the map it names, unless one is larger than `maxBytes`. `file` is a path or a file URL. Never throws. */
export function readMappedScript(file: string, maxBytes: number): MappedScript | NoMap {
  const path = pathOf(file);
  const script = path === undefined ? undefined : readText(path, maxBytes);
  const name = script === undefined ? undefined : [...script.matchAll(COMMENT)].at(-1)?.[1];
  if (path === undefined || script === undefined || name === undefined) return 'withoutMap';
  const source = attempt(() => readMap(name, pathToFileURL(path), maxBytes));
  if (source === undefined) return 'missingMap';
  const map = attempt(() => parseMap(source));
  if (map === undefined) return 'corruptMap';
  return { ...map, lines: script.split(LINE_END), bytes: script.length + source.text.length };
}

/** V8 calls ES modules by their URL. `@datadog/pprof` cuts `file://` off and leaves the rest encoded. */
function pathOf(file: string): string | undefined {
  if (file.startsWith('file:')) return attempt(() => fileURLToPath(file));
  if (!isAbsolute(file)) return undefined;
  const decoded = file.includes('%') ? attempt(() => fileURLToPath(`file://${file}`)) : undefined;
  return decoded !== undefined && !isFile(file) ? decoded : file;
}

function readMap(name: string, script: URL, maxBytes: number): MapText | undefined {
  const inline = /^data:[^,]*?(;base64)?,(.*)$/s.exec(name);
  if (inline !== null) {
    const [, base64, data = ''] = inline;
    const text = base64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
    return { text, base: script };
  }
  const base = new URL(name, script);
  const text = base.protocol === 'file:' ? readText(fileURLToPath(base), maxBytes) : undefined;
  return text === undefined ? undefined : { text, base };
}

/** @throws unless the text is a source map of version 3. */
function parseMap({ text, base }: MapText): Pick<MappedScript, 'map' | 'hasName'> {
  const payload = resolveSources(JSON.parse(text.replace(GUARD, '')), base);
  // A map of sections has its mappings in those.
  return { map: new SourceMap(payload), hasName: namedColumns(payload.mappings ?? '') };
}

/** Node.js resolves neither sources nor their root, and takes whatever stands in `mappings` for good. */
function resolveSources(payload: unknown, base: URL): SourceMapPayload {
  const map = payload as Partial<SourceMapPayload> & { sections?: { map: unknown }[] };
  if (map.version !== 3) throw new Error('not of version 3');
  if (map.sections !== undefined) {
    const sections = map.sections.map((section) => {
      return { ...section, map: resolveSources(section.map, base) };
    });
    return { ...map, sections } as unknown as SourceMapPayload;
  }
  if (typeof map.mappings !== 'string' || !/^[A-Za-z0-9+/,;]*$/.test(map.mappings)) {
    throw new Error('no mappings');
  }
  const root = map.sourceRoot ? `${map.sourceRoot.replace(/\/$/, '')}/` : '';
  const sources = (map.sources ?? []).map((source: string | null) => {
    return source === null ? '' : resolveSource(root + source, base);
  });
  return { ...map, sources, sourceRoot: '', names: map.names ?? [] } as SourceMapPayload;
}

/** A path where there is one. Bundlers have URLs of their own, such as `webpack:`, which lead nowhere. */
function resolveSource(source: string, base: URL): string {
  const url = attempt(() => new URL(source, base));
  if (url === undefined) return source;
  return (url.protocol === 'file:' && attempt(() => fileURLToPath(url))) || source;
}

/** The text of a file of at most `maxBytes`. Nothing else is opened: reading a pipe would wait for its writer. */
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
