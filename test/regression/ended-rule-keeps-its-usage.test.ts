import { strict as assert } from 'node:assert';
import { program } from '../support/clocks/program';

type Usage = Readonly<Record<string, number>>;

interface Result {
  /** What the cumulative and the delta reader see. */
  readonly first: [Usage, Usage];
  readonly second: [Usage, Usage];
}

describe('a rule that lost its series to another rule', () => {
  it('has a usage of 0 for cumulative readers, and 0 or none for delta readers', async () => {
    const { first, second } = await program<Result>('endedRule');
    for (const usage of first) assert.ok(usage['small']! > 0, JSON.stringify(first));
    const [cumulative, delta] = second;
    assert.ok(cumulative['large']! > 0);
    assert.equal(cumulative['small'], 0);
    assert.equal(delta['small'] ?? 0, 0);
  });
});
