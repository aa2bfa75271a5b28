const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The bit of a digit that says that the number goes on. */
const MORE = 32;
/** Column, source, line, column, name. */
const FIELDS_WITH_NAME = 5;

/**
 * Tells whether the mapping that begins at a line and column, both 0-based, has a name of its own. Pure. Node.js does not: it answers
 * with the name of a mapping before.
 *
 * @param mappings As in a source map of version 3, without sections.
 */
export function namedColumns(mappings: string): (line: number, column: number) => boolean {
  const lines = mappings.split(';');
  // A minified script has few lines, and many functions in each.
  const known = new Map<number, Set<number>>();
  return (line, column) => {
    let columns = known.get(line);
    if (columns === undefined) {
      columns = namedIn(lines[line] ?? '');
      known.set(line, columns);
    }
    return columns.has(column);
  };
}

function namedIn(line: string): Set<number> {
  const named = new Set<number>();
  let column = 0;
  for (const segment of line.split(',')) {
    const fields = decode(segment);
    column += fields[0] ?? 0;
    if (fields.length === FIELDS_WITH_NAME) named.add(column);
  }
  return named;
}

/** Numbers of five bits a digit, least first; the lowest bit of each number is its sign. */
function decode(segment: string): number[] {
  const fields: number[] = [];
  let [value, weight] = [0, 1];
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit % MORE) * weight;
    weight *= MORE;
    if (digit >= MORE) continue;
    fields.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    [value, weight] = [0, 1];
  }
  return fields;
}
