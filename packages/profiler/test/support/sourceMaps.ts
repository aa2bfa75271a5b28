const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Segment of a source map: position in the script, position in the first source, and the index of a
 * name. All numbers are 0-based.
 */
export interface Segment {
  readonly line: number;
  readonly column: number;
  readonly originalLine: number;
  readonly originalColumn: number;
  readonly name?: number;
}

/** Returns the `mappings` of a source map. Segments must be in the order of the script. */
export function encodeMappings(segments: readonly Segment[]): string {
  let text = '';
  let [line, column, originalLine, originalColumn, lastName] = [0, 0, 0, 0, 0];
  for (const segment of segments) {
    if (segment.line > line) {
      text += ';'.repeat(segment.line - line);
      [line, column] = [segment.line, 0];
    } else if (text !== '') {
      text += ',';
    }
    const fields = [
      segment.column - column,
      0,
      segment.originalLine - originalLine,
      segment.originalColumn - originalColumn,
    ];
    ({ column, originalLine, originalColumn } = segment);
    if (segment.name !== undefined) {
      fields.push(segment.name - lastName);
      lastName = segment.name;
    }
    text += fields.map(encodeNumber).join('');
  }
  return text;
}

/**
 * Encodes a number with five bits per digit, lowest digit first. The lowest bit is the sign. The
 * sixth bit of a digit says that more digits follow.
 */
function encodeNumber(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}
