import type { CallNode } from './CallNode';

/** Larger than any column. Columns of minified scripts have seven digits. */
const MAX_COLUMN = 2 ** 31;

/**
 * Numbers functions from 0, in the order in which they come. Functions are equal if they have the
 * same name, script and place. No text is built for the comparison, because it takes most of the
 * time.
 */
export class FunctionIds {
  private readonly byScript = new Map<string, Map<string, Map<number, number>>>();
  private count = 0;

  /** Returns the number of the function of `node`. */
  idOf({ name = '', scriptName, lineNumber = -1, columnNumber = -1 }: CallNode): number {
    const byPlace = within(within(this.byScript, scriptName), name);
    const place = lineNumber * MAX_COLUMN + columnNumber;
    let id = byPlace.get(place);
    if (id === undefined) byPlace.set(place, (id = this.count++));
    return id;
  }
}

function within<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map<K, V>()));
  return map;
}
