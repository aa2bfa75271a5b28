import { strict as assert } from 'node:assert';

/** What `apps/measure.cjs` returns. */
export interface Figures {
  readonly seconds: Readonly<Record<string, number>>;
  readonly samples: Readonly<Record<string, number>>;
  readonly failedWindows: number;
  readonly fair: boolean | undefined;
}

/**
 * Checks that both rules were measured fairly. With at least 25 samples of `cold`, the test fails in
 * fewer than 1 of 100,000 runs, because `hot` has three times as many.
 */
export function assertMeasured(figures: Figures, prefix = ''): void {
  const { [`${prefix}hot`]: hot = 0, [`${prefix}cold`]: cold = 0 } = figures.seconds;
  assert.ok(cold > 0 && hot > cold, JSON.stringify(figures));
  assert.equal(figures.fair, true, JSON.stringify(figures));
  assert.equal(figures.failedWindows, 0);
}
