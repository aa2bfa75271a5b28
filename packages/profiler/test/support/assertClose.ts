import assert from 'node:assert/strict';

/** Equal but for the rounding of floating-point arithmetic. */
export function assertClose(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}
