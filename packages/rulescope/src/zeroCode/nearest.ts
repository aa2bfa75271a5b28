/** Returns the one of `names` that needs the fewest changes of a character to become `name`. */
export function nearest(name: string, names: readonly string[]): string {
  return names.reduce((best, each) => (changes(name, each) < changes(name, best) ? each : best));
}

/** Returns the Levenshtein distance of two strings. */
function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + (character === to[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
