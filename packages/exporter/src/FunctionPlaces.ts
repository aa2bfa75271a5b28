import type { Attributes } from '@opentelemetry/api';
import type { CallNode } from '@rulescope/profiler';
import { boundedString, scriptPath } from '@rulescope/profiler/internal';
import type { SourceLookup } from '@rulescope/profiler/report';
import { ATTR_CODE_FILE_PATH, ATTR_CODE_FUNCTION_NAME, ATTR_CODE_LINE_NUMBER } from './semconv';

/** Name, file and line of a function. */
type Place = readonly [name: string, file: string, line: number];

/** Keep this many places. Beyond, all are looked up anew. */
const MAX_PLACES = 10_000;

/** Says what a function is called and where it begins in its source. */
export class FunctionPlaces {
  private readonly places = new Map<string, string>();

  constructor(private readonly lookup: SourceLookup) {}

  /** Returns an id of the function of `node`, `undefined` for the root of the tree. */
  idOf(node: CallNode): string | undefined {
    const { name = '', scriptName, lineNumber = 0, columnNumber = 0 } = node;
    if (scriptName === '' && name === '(root)') return undefined;
    const key = `${lineNumber}:${columnNumber} ${scriptName}\n${name}`;
    let id = this.places.get(key);
    if (id === undefined) {
      if (this.places.size >= MAX_PLACES) this.places.clear();
      id = JSON.stringify(this.placeOf(name, scriptName, lineNumber, columnNumber));
      this.places.set(key, id);
    }
    return id;
  }

  private placeOf(name: string, scriptName: string, line: number, column: number): Place {
    const file = scriptPath(scriptName);
    const origin = line > 0 ? this.lookup(file, line, column || undefined) : undefined;
    const from = origin ?? { file, line, column };
    const anonymous = `(anonymous:L#${from.line}:C#${from.column ?? 0})`;
    return [
      boundedString(origin?.name ?? (name || anonymous)),
      boundedString(from.file),
      from.line,
    ];
  }
}

/** Returns the attributes of the function with the id `id` of {@link FunctionPlaces.idOf}. */
export function functionAttributes(id: string): Attributes {
  const [name, file, line] = JSON.parse(id) as Place;
  return {
    [ATTR_CODE_FUNCTION_NAME]: name,
    ...(file !== '' && { [ATTR_CODE_FILE_PATH]: file }),
    ...(line > 0 && { [ATTR_CODE_LINE_NUMBER]: line }),
  };
}
