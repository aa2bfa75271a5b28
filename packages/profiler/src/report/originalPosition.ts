import type { SourceMapping } from 'node:module';
import type { SourcePosition } from './mapSources';
import type { MappedScript } from './readMappedScript';

/**
 * What stands in front of the place that V8 gives as a function's: its parameters, or the `async` of an arrow function. So its
 * name is the identifier right before that, or the one it is assigned to.
 */
const NAME_BEFORE =
  /([\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)\s*(?:[=:]\s*(?:async\s+)?(?:function\s*\*?\s*)?)?$/u;
/** Names are short; minified lines are not. */
const LOOK_BEHIND = 200;

/**
 * Where `line` and `column` of a script come from, all 1-based. Without a column: where what stands first in the line comes from.
 * `undefined` when the map has nothing for that place in that line.
 */
export function originalPosition(
  script: MappedScript,
  line: number,
  column: number | undefined,
): SourcePosition | undefined {
  // Maps count from 0, profiles from 1.
  const index = line - 1;
  const offset = column === undefined ? (script.lines[index] ?? '').search(/\S|$/) : column - 1;
  const entry = entryAt(script, index, offset);
  if (entry === undefined) return undefined;
  const { originalSource: file, originalLine, originalColumn } = entry;
  if (column === undefined) return { file, line: originalLine + 1 };
  const name = nameBefore(script, index, offset);
  return {
    file,
    line: originalLine + 1,
    column: originalColumn + 1,
    ...(name === undefined ? {} : { name }),
  };
}

function nameBefore(script: MappedScript, line: number, offset: number): string | undefined {
  const start = Math.max(0, offset - LOOK_BEHIND);
  const match = NAME_BEFORE.exec((script.lines[line] ?? '').slice(start, offset));
  if (match === null || !script.hasName(line, start + match.index)) return undefined;
  const name = entryAt(script, line, start + match.index)?.name;
  // Where the name did not change, V8 knows more of it than the map: `get size`.
  return typeof name === 'string' && name !== '' && name !== match[1] ? name : undefined;
}

function entryAt(
  { map }: MappedScript,
  line: number,
  offset: number,
): (SourceMapping & { readonly name?: unknown }) | undefined {
  const entry = map.findEntry(line, offset) as Partial<SourceMapping>;
  // Left of the first mapping of a line, Node.js answers with the last one of a line before.
  const found = entry.generatedLine === line && entry.originalSource && entry.originalLine! >= 0;
  return found ? (entry as SourceMapping) : undefined;
}
