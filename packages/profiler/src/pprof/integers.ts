/** An integer as `pprof-format` keeps it. */
export type Numeric = number | bigint;

/**
 * Returns `value` as the signed 64-bit integer that it is in the format. `pprof-format` decodes a
 * negative integer as its two's complement, which is 2^64 higher.
 */
export function toInt64(value: Numeric): bigint {
  return BigInt.asIntN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(value)));
}

/**
 * Returns `value` as a number where that is exact. So equal integers are equal by `===` and as keys
 * of a `Map`.
 */
export function toNumeric(value: Numeric): Numeric {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Returns `value` without its sign. */
export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Returns `value` like {@link toInt64}, as a number where that is exact. */
export function toInteger(value: Numeric): Numeric {
  return Number.isSafeInteger(value) ? value : toNumeric(toInt64(value));
}

/** Returns the sum of two integers of {@link toInteger}, wrapped to 64 bits like {@link toInt64}. */
export function sumOf(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toNumeric(toInt64(BigInt(a) + BigInt(b)));
}

/** Returns an integer of {@link toInteger} with the other sign. */
export function negated(value: Numeric): Numeric {
  // Not -0, which is another key of a `Map`.
  return typeof value === 'number' ? 0 - value : toNumeric(toInt64(-value));
}
