import { Pace, type Steps } from './steps';

/** Items that are sorted in one piece, which takes about as long as a step. */
const ITEMS_PER_PIECE = 2_000;

/** Returns `items` sorted by `valueOf`, in steps. Items with equal values keep their order. */
export function* sortInSteps<T>(
  items: readonly T[],
  valueOf: (item: T) => number,
): Steps<readonly T[]> {
  const pace = new Pace();
  let sorted: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += ITEMS_PER_PIECE) {
    const piece = items.slice(start, start + ITEMS_PER_PIECE);
    sorted.push(piece.sort((a, b) => valueOf(a) - valueOf(b)));
    if (pace.worked(piece.length)) yield;
  }
  while (sorted.length > 1) {
    const merged: (readonly T[])[] = [];
    for (let index = 0; index < sorted.length; index += 2) {
      merged.push(yield* mergeSorted(sorted[index]!, sorted[index + 1] ?? [], valueOf, pace));
    }
    sorted = merged;
  }
  return sorted[0] ?? [];
}

function* mergeSorted<T>(
  left: readonly T[],
  right: readonly T[],
  valueOf: (item: T) => number,
  pace: Pace,
): Steps<readonly T[]> {
  const merged: T[] = [];
  let [fromLeft, fromRight] = [0, 0];
  while (merged.length < left.length + right.length) {
    const [a, b] = [left[fromLeft], right[fromRight]];
    const isLeft = b === undefined || (a !== undefined && valueOf(a) <= valueOf(b));
    merged.push(isLeft ? left[fromLeft++]! : right[fromRight++]!);
    if (pace.worked(1)) yield;
  }
  return merged;
}
