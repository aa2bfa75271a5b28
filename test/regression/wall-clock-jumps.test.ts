import { strict as assert } from 'node:assert';
import { program } from '../support/clocks/program';

interface Result {
  readonly worstLength: number;
  readonly ledger: number;
  readonly ruleUsage: number;
  readonly cpuBefore: number;
}

describe('a wall clock that is set while a worker is sampled', () => {
  for (const [what, millis] of [
    ['back by an hour', -3_600_000],
    ['forward by an hour', 3_600_000],
  ] as const) {
    it(`${what}: the windows of both threads arrive, no window is too long, and the ledger goes on`, async () => {
      // The program ends when several windows of both threads have arrived.
      const found = await program<Result>('jump', String(millis));
      // Both clocks are read one after the other, and a busy machine can pause in between.
      assert.ok(found.worstLength < 1_000, `${found.worstLength} ms`);
      assert.ok(found.ledger >= found.cpuBefore, `${found.ledger} s of ${found.cpuBefore} s`);
      assert.ok(found.ruleUsage > 0);
    });
  }
});
