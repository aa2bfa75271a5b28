import assert from 'node:assert/strict';
import { Truth } from '../../src/accuracy/Truth';
import { Work } from '../../src/accuracy/Work';
import { rulesOf } from '../../src/accuracy/rules';

const DRAWS = 100_000;
const BURSTS_MILLIS = [0.2, 1, 5];

function workOf(load: number): Work {
  return new Work(
    rulesOf(BURSTS_MILLIS),
    load,
    (_, fn) => fn(),
    new Truth(() => 0),
    () => undefined,
  );
}

describe('Work', () => {
  it('draws rules so that all of them use equal CPU', () => {
    const work = workOf(0.3);
    const cpuMillis = new Map(work.rules.map(({ id }) => [id, 0]));
    for (let i = 0; i < DRAWS; i++) {
      const { id, burstMillis } = work.draw((i + 0.5) / DRAWS);
      cpuMillis.set(id, (cpuMillis.get(id) ?? 0) + burstMillis);
    }
    const all = [...cpuMillis.values()].reduce((sum, each) => sum + each, 0);
    assert.equal(cpuMillis.size, 9);
    for (const [id, millis] of cpuMillis) {
      assert(Math.abs((millis / all) * 9 - 1) < 0.01, `${id} uses ${millis} of ${all} ms`);
    }
    const mean = all / DRAWS;
    assert(Math.abs(mean / work.meanBurstMillis - 1) < 0.01, `the mean burst is ${mean} ms`);
  });

  it('draws a rule for the lowest and the highest chance', () => {
    const { rules } = workOf(0.3);
    for (const chance of [0, 1 - Number.EPSILON / 2]) {
      assert(rules.some(({ id }) => id === workOf(0.3).draw(chance).id));
    }
  });

  it('has rates that add up to the load', () => {
    const work = workOf(0.7);
    const cpuMillis = work.rules.map((rule) => work.rate(rule) * rule.burstMillis);
    for (const millis of cpuMillis) assert(Math.abs(millis / (700 / 9) - 1) < 1e-9);
    const rates = work.rules.reduce((sum, rule) => sum + work.rate(rule), 0);
    assert(Math.abs(work.totalRate / rates - 1) < 1e-9);
  });
});
