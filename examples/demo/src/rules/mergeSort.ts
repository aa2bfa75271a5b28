/** Sorts `values` in place, bottom up, with `scratch` of the same length. */
function mergeSort(values: Float64Array, scratch: Float64Array): void {
  let [from, to] = [values, scratch];
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) merge(from, to, start, width);
    [from, to] = [to, from];
  }
  if (from !== values) values.set(from);
}

function merge(from: Float64Array, to: Float64Array, start: number, width: number): void {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let left = start;
  let right = middle;
  for (let k = start; k < end; k++) {
    const takeLeft = left < middle && (right >= end || (from[left] ?? 0) <= (from[right] ?? 0));
    to[k] = from[takeLeft ? left++ : right++] ?? 0;
  }
}

/** Returns a job that sorts a shuffled block on each call. */
export function sortBlocks(): () => void {
  const values = new Float64Array(1 << 12);
  const scratch = new Float64Array(values.length);
  let seed = 1;
  return () => {
    for (let i = 0; i < values.length; i++) {
      seed = (seed * 48_271) % 2_147_483_647;
      values[i] = seed;
    }
    mergeSort(values, scratch);
  };
}
