import type { SourceMap, SourceMapping } from 'node:module';
import type { SourcePosition } from './mapSources';

/**
 * What stands in front of the place that V8 gives as a function's: its parameters, or the `async` of an arrow function. So its
 * name is the identifier right before that, or the one it is assigned to.
 */
const NAME_BEFORE =
  /([\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)\s*(?:[=:]\s*(?:async\s+)?(?:function\s*\*?\s*)?)?$/u;
/** Names are short; minified lines are not. */
const LOOK_BEHIND = 200;

/**
 * Where `line` and `column` of a script come from, all 1-based. Without a column: where the first mapping at or behind the start of
 * the line comes from. `undefined` when the map has nothing for that place in that line.
 *
 * @param text The line of the script, which tells which of the map's names is the function's.
 */
export function originalPosition(
  map: SourceMap,
  text: string,
  line: number,
  column: number | undefined,
): SourcePosition | undefined {
  // Maps count from 0, profiles from 1.
  const offset = column === undefined ? text.search(/\S|$/) : column - 1;
  const entry = entryAt(map, line - 1, offset);
  if (entry === undefined) return undefined;
  const name = column === undefined ? undefined : nameBefore(map, text, line - 1, offset);
  return {
    file: entry.originalSource,
    line: entry.originalLine + 1,
    ...(column === undefined ? {} : { column: entry.originalColumn + 1 }),
    ...(name === undefined ? {} : { name }),
  };
}

function nameBefore(
  map: SourceMap,
  text: string,
  line: number,
  offset: number,
): string | undefined {
  const start = Math.max(0, offset - LOOK_BEHIND);
  const match = NAME_BEFORE.exec(text.slice(start, offset));
  const generated = match?.[1];
  if (match === null || generated === undefined) return undefined;
  const entry = entryAt(map, line, start + match.index);
  // The next mapping to the left names something else. And where the name did not change, V8 knows more of it than the map: `get size`.
  if (entry?.generatedColumn !== start + match.index || entry.name === generated) return undefined;
  return typeof entry.name === 'string' && entry.name !== '' ? entry.name : undefined;
}

function entryAt(
  map: SourceMap,
  line: number,
  offset: number,
): (SourceMapping & { readonly name?: string }) | undefined {
  const entry = map.findEntry(line, offset) as Partial<SourceMapping>;
  // Left of the first mapping of a line, Node.js answers with the last one of a line before.
  const found = entry.generatedLine === line && entry.originalSource && entry.originalLine! >= 0;
  return found ? (entry as SourceMapping) : undefined;
}
