import assert from 'node:assert/strict';
import { scoreClass } from '../../src/accuracy/classes';
import type { WindowResult } from '../../src/accuracy/results';

const SECONDS_PER_HIT = 0.010101;
const TRUTH = 0.4;
/** The standard error that the number of hits allows. */
const LIMIT = TRUTH / Math.sqrt(TRUTH / SECONDS_PER_HIT);

/** Returns one window in which the figures of the rules have these errors, in seconds. */
function windowOf(errors: Readonly<Record<string, number>>, contended = false): WindowResult {
  const rules = Object.entries(errors);
  return {
    truth: Object.fromEntries(rules.map(([rule]) => [rule, TRUTH])),
    figures: Object.fromEntries(
      rules.map(([rule, error]) => [
        rule,
        { cpuSeconds: TRUTH + error, hits: 40, standardErrorSeconds: LIMIT },
      ]),
    ),
    details: {
      processSeconds: 1,
      ledger: { rules: 1, unlabeled: 0, gc: 0, runtime: 0, otherThreads: 0 },
      kernelCpuSeconds: 1,
      kernelWaitSeconds: 0,
      complete: true,
      fair: true,
      contended,
    },
  };
}

/** Returns `count` windows of one short rule whose figures are wrong by `share`. */
function biased(share: number, count = 10): WindowResult[] {
  return Array.from({ length: count }, () => windowOf({ '0.2 ms #1': share * TRUTH }));
}

function score(...cells: WindowResult[][]): NonNullable<ReturnType<typeof scoreClass>> {
  const runs = cells.map((windows, index) => ({ cell: `cell ${index + 1}`, windows }));
  const result = scoreClass(runs, 'short');
  assert(result !== undefined);
  return result;
}

/** Returns 1,000 values of a normal distribution around 0, not random: Box-Muller on a grid. */
function normalValues(): number[] {
  const [rows, columns] = [20, 50];
  return Array.from({ length: rows * columns }, (_, index) => {
    const radius = Math.sqrt(-2 * Math.log((Math.floor(index / columns) + 0.5) / rows));
    return radius * Math.cos((2 * Math.PI * ((index % columns) + 0.5)) / columns);
  });
}

function assertClose(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

describe('scoreClass', () => {
  it('finds a known bias', () => {
    const { bias, biasError, figures, hits, truthSeconds } = score(biased(0.03));
    assertClose(bias, 0.03, 1e-12);
    assertClose(biasError, 0, 1e-12);
    assert.deepEqual([figures, hits], [10, 400]);
    assertClose(truthSeconds, 10 * TRUTH, 1e-12);
  });

  it('finds a known spread: coverage of 95 %, mean error of 0.8 x the limit', () => {
    const windows = normalValues().map((value) => windowOf({ '0.2 ms #1': value * LIMIT }));
    const { bias, biasError, coverage, ratio } = score(windows);
    assertClose(bias, 0, 1e-12);
    assertClose(biasError, LIMIT / TRUTH / Math.sqrt(1000), 2e-4);
    assertClose(coverage, 0.95, 0.015);
    assertClose(ratio, Math.sqrt(2 / Math.PI), 0.015);
  });

  it('reports a lower coverage if the standard errors are too small', () => {
    const windows = normalValues().map((value) => windowOf({ '0.2 ms #1': 2 * value * LIMIT }));
    assertClose(score(windows).coverage, 0.67, 0.03);
  });

  it('adds up the errors of a window, so opposite errors do not make the bias uncertain', () => {
    const opposite = (error: number): WindowResult =>
      windowOf({ '0.2 ms #1': error, '0.2 ms #2': -error });
    const { bias, biasError, ratio } = score([opposite(0.1), opposite(0.2), opposite(-0.1)]);
    assertClose(bias, 0, 1e-12);
    assertClose(biasError, 0, 1e-12);
    assert(ratio > 0.5, `the ratio is ${ratio}`);
  });

  it('does not hide opposite biases of two cells', () => {
    const { bias, biasError, worst } = score(biased(0.06), biased(-0.06));
    assertClose(bias, 0, 1e-12);
    assertClose(biasError, 0.06, 1e-12);
    assertClose(Math.abs(worst.bias), 0.06, 1e-12);
  });

  it('names the worst cell, with the standard error of its own windows', () => {
    const uneven = [...biased(-0.1, 5), ...biased(-0.06, 5)];
    const { worst } = score(biased(0.02), uneven, biased(0.03));
    assert.equal(worst.cell, 'cell 2');
    assertClose(worst.bias, -0.08, 1e-12);
    assertClose(worst.biasError, 0.02 / Math.sqrt(9), 1e-12);
  });

  it('returns NaN as the standard error of the bias of a single window', () => {
    assert(Number.isNaN(score(biased(0.03, 1)).biasError));
  });

  it('reports the share of contended windows', () => {
    const windows = [0, 1, 2, 3].map((index) => windowOf({ '0.2 ms #1': 0 }, index === 0));
    assert.equal(score(windows).contendedShare, 0.25);
  });

  it('counts a rule without a figure as 0 and as not covered', () => {
    const { bias, coverage } = score([{ truth: { '0.2 ms #1': TRUTH }, figures: {} }]);
    assert.deepEqual([bias, coverage], [-1, 0]);
  });

  it('scores only the rules of the class', () => {
    const errors = { '0.5 ms #1': 0.01, '1 ms #1': 0.02, '6 ms #1': 0.04, '20 ms #1': 0.08 };
    const runs = [{ cell: 'cell', windows: [windowOf(errors)] }];
    const biases = (['short', 'middle', 'long', 'longest'] as const).map((burstClass) =>
      Math.round(100 * TRUTH * (scoreClass(runs, burstClass)?.bias ?? NaN)),
    );
    assert.deepEqual(biases, [1, 2, 4, 8]);
  });

  it('is undefined without windows of the class', () => {
    assert.equal(scoreClass([], 'short'), undefined);
    assert.equal(scoreClass([{ cell: 'cell', windows: [] }], 'short'), undefined);
    assert.equal(scoreClass([{ cell: 'cell', windows: biased(0.1) }], 'long'), undefined);
  });
});
