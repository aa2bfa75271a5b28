import { strict as assert } from 'node:assert';
import type { Measured } from './setup';

/**
 * Asserts that `heavy` used three times the CPU of `light`, within their error bars.
 *
 * `heavy - 3 light` has an expected value of 0, and the variance of its parts. Four standard errors
 * of a normal distribution fail 1 run in 15,000. Equal work costs equal CPU to within some percent,
 * so 5 % of `heavy` are allowed beside.
 */
export function assertThreeToOne(
  rules: Readonly<Record<string, Measured>>,
  heavy: string,
  light: string,
): void {
  const [h, l] = [rules[heavy], rules[light]];
  assert.ok(h !== undefined && l !== undefined, JSON.stringify(rules));
  const error = Math.sqrt(h.variance + 9 * l.variance);
  const difference = Math.abs(h.cpu - 3 * l.cpu);
  assert.ok(
    difference <= 4 * error + 0.05 * h.cpu,
    `${heavy}: ${h.cpu} s, ${light}: ${l.cpu} s, standard error of the difference: ${error} s`,
  );
  // With wider error bars, the test would pass with part of the work in the wrong rule.
  assert.ok(error < 0.3 * h.cpu, `the standard error of the difference is ${error} of ${h.cpu} s`);
}
