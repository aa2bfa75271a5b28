import { strict as assert } from 'node:assert';
import { program } from '../support/clocks/program';

interface Result {
  readonly waiting: number;
  readonly shortest: number;
  readonly longest: number;
  readonly firstEnd: number;
  readonly lastEnd: number;
  readonly dropInSeconds: number;
  readonly cpu: number;
  readonly status: number;
}

describe('fake timers of a test', () => {
  for (const [when, kind] of [
    ['before', 'sinon'],
    ['during', 'sinon'],
    ['before', 'immediates'],
    ['before', 'timeouts'],
    ['during', 'clocks'],
    ['before', 'nodeTest'],
  ] as const) {
    it(`neither stop nor drive the sampling: ${kind}, ${when} ${when === 'before' ? 'load' : 'sampling'}`, async () => {
      const begun = Date.now();
      const found = await program<Result>('fakeTimers', when, kind);
      assert.equal(found.waiting, 0, 'rulescope waits for fake timers');
      // A window lasts at least its planned length, by the clock of the system.
      assert.ok(found.shortest >= 95, `a window of ${found.shortest} ms`);
      assert.ok(found.longest < 60_000, `a window of ${found.longest} ms`);
      for (const end of [found.firstEnd, found.lastEnd]) {
        assert.ok(end >= begun && end <= Date.now(), `a window ended at ${end}`);
      }
      assert.ok(found.dropInSeconds >= 0.04 && found.dropInSeconds < 60);
      assert.ok(found.cpu > 0);
      assert.equal(found.status, 200);
    });
  }
});
