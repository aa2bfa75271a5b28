/** Bits of a delta of delta, by the number of ones before it. */
export const DELTA_BITS = [0, 7, 9, 12, 32] as const;

/** The most leading zeros of a value that its 5 bits can say. */
export const MAX_LEADING = 31;
