/** Returns the middle value, or the mean of the two middle values. NaN without values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Returns the value, interpolated, that the share `q` of the values is below. NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
