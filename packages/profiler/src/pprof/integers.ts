/** A number as `pprof-format` keeps it. */
export type Numeric = number | bigint;

/**
 * `value` as the signed 64-bit integer it is in the format. A negative one that was decoded by `pprof-format` comes as
 * its two's complement, 2^64 higher.
 */
export function toInt64(value: Numeric): bigint {
  return BigInt.asIntN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(value)));
}

/** `value` as a number if that is exact, so that equal integers are equal by `===` and as keys of a `Map`. */
export function toNumeric(value: Numeric): Numeric {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
