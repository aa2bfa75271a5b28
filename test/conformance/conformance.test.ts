import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Verdict } from './Stage';
import { SCENARIOS } from './scenarios';

describe('the label follows', function () {
  this.timeout(90_000);
  let verdicts: Map<string, Verdict>;

  before(async () => {
    const run = [join(__dirname, 'run.js'), 'rulescope'];
    const { stdout } = await promisify(execFile)(process.execPath, run, { maxBuffer: 1 << 24 });
    verdicts = new Map((JSON.parse(stdout) as Verdict[]).map((each) => [each.scenario, each]));
  });

  for (const { name, available } of SCENARIOS) {
    if (available?.() === false) continue;
    it(name, () => {
      const verdict = verdicts.get(name);
      assert.ok(verdict !== undefined, 'it did not run');
      assert.deepEqual(verdict.mistakes, []);
      assert.equal(verdict.unseen, false, 'a place was not sampled often enough');
    });
  }
});
