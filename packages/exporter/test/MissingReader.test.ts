import assert from 'node:assert/strict';
import { MissingReader } from '../src/MissingReader';

describe('MissingReader', () => {
  let warnings: number;
  let missing: MissingReader;

  beforeEach(() => {
    warnings = 0;
    missing = new MissingReader(() => void warnings++);
  });

  /** Measures windows of one second. */
  function measure(seconds: number): void {
    for (let i = 0; i < seconds; i++) missing.measured(1_000);
  }

  it('warns once when five minutes were measured and nothing was collected', () => {
    measure(299);
    assert.equal(warnings, 0);
    measure(1_000);
    assert.equal(warnings, 1);
  });

  it('never warns after the first collection', () => {
    measure(200);
    missing.collected();
    measure(1_000);
    assert.equal(warnings, 0);
  });
});
