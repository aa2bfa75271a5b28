/** Bits of a delta of delta, by the number of ones before it. */
export const DELTA_BITS = [0, 7, 9, 12, 32] as const;

/** The most leading zeros of a value that its 5 bits can say. */
export const MAX_LEADING = 31;

/** Words of the header of a chunk: the time of its first sample, its samples, its bits. */
export const TIME_HIGH = 0;
export const TIME_LOW = 1;
export const COUNT = 2;
export const BITS = 3;
export const HEADER_WORDS = 4;
