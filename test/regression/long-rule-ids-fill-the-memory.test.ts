import { strict as assert } from 'node:assert';
import { program } from '../support/clocks/program';

interface Result {
  readonly intact: boolean;
  readonly scrape: number;
  readonly series: number;
  readonly wellFormed: boolean;
  readonly rules: number[];
  readonly windows: number[];
  readonly profiles: number[];
}

describe('20 rules with ids of a megabyte', () => {
  it('stay 20 rules, in two threads, and everything that is exported is short', async () => {
    const found = await program<Result>('longStrings');
    assert.ok(found.intact, 'getRule() returns another id than withRule() got');
    assert.equal(found.series, 20);
    assert.deepEqual(found.rules, [20, 20]);
    assert.ok(found.wellFormed, 'a surrogate pair is cut in half');
    assert.ok(found.scrape < 100_000, `a scrape of ${found.scrape} characters`);
    for (const length of found.windows) assert.ok(length < 1_000_000, `a window of ${length}`);
    for (const length of found.profiles) assert.ok(length < 100_000, `a profile of ${length}`);
  });
});
