import assert from 'node:assert/strict';

/** Asserts that two numbers differ at most by floating-point rounding. */
export function assertClose(actual: number | undefined, expected: number, tolerance = 1e-9): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected}`,
  );
}
