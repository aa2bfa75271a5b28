import assert from 'node:assert/strict';

/** Asserts that two numbers are equal, except for the rounding of floating-point arithmetic. */
export function assertClose(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}
