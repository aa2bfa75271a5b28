import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Verdict } from './Stage';
import { SCENARIOS } from './scenarios';

/** CPU to burn at each place: as much as a quiet machine needs, 40 samples. */
const BURN_MILLIS = 40;

describe('the label follows', function () {
  this.timeout(180_000);
  let verdicts: Map<string, Verdict>;

  before(async () => {
    const first = await run(BURN_MILLIS);
    const unseen = first.filter((verdict) => verdict.unseen).map(({ scenario }) => scenario);
    // On a busy machine, a place may get too few samples in one run, but not in two. So scenarios
    // with such a place run again, and longer. Mistakes count in both runs.
    const second = unseen.length > 0 ? await run(4 * BURN_MILLIS, ...unseen) : [];
    verdicts = new Map(first.map((verdict) => [verdict.scenario, verdict]));
    for (const verdict of second) {
      const mistakes = verdicts.get(verdict.scenario)?.mistakes ?? [];
      verdicts.set(verdict.scenario, { ...verdict, mistakes: [...mistakes, ...verdict.mistakes] });
    }
  });

  for (const { name, available } of SCENARIOS) {
    if (available?.() === false) continue;
    it(name, () => {
      const verdict = verdicts.get(name);
      assert.ok(verdict !== undefined, 'the scenario did not run');
      assert.deepEqual(verdict.mistakes, []);
      assert.equal(verdict.unseen, false, 'a place has too few samples');
    });
  }
});

/** Runs the scenarios with these names, or all scenarios if no name is given. */
async function run(millis: number, ...scenarios: string[]): Promise<Verdict[]> {
  const args = [join(__dirname, 'run.js'), 'rulescope', String(millis), ...scenarios];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Verdict[];
}
