import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallNode } from '../../src/model/CallNode';
import { mergeWindows } from '../../src/model/mergeWindows';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import type { Profile } from '../../src/pprof/Profile';
import { ProfileReader } from '../../src/pprof/ProfileReader';
import { ProfileSum } from '../../src/pprof/ProfileSum';
import { toPprof } from '../../src/pprof/toPprof';
import { hits, node, recording, rootOf, windowOf } from '../support/builders';
import { countSteps } from '../support/countSteps';
import { comments, plain } from '../support/pprof';
import { type Contents, contentsOf, naiveProfile } from '../support/naiveProfile';
import { consecutiveWindows } from '../support/randomWindows';

function sumOf(windows: readonly ProfileWindow[], maxStacks = Infinity): Profile {
  const sum = new ProfileSum(maxStacks);
  for (const window of windows) sum.add(window);
  return sum.build();
}

/** Asserts equal counts, and equal times up to the rounding to a nanosecond. */
function assertSame(actual: Contents, expected: Contents): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  for (const [key, values] of expected) {
    const found = actual.get(key)!;
    assert.equal(found[0], values[0], key);
    found.forEach((value, index) => {
      const wanted = values[index]!;
      assert.ok(Math.abs(value - wanted) <= 0.5 + wanted * 1e-9, `${key}: ${value}, not ${wanted}`);
    });
  }
}

const header = (profile: Profile) => {
  const { comments: texts, ...fields } = new ProfileReader(profile).header;
  return { ...fields, texts };
};

describe('ProfileSum', () => {
  it('sums windows one by one as if they were one window', () => {
    fc.assert(
      fc.property(consecutiveWindows(), (windows) => {
        const merged = mergeWindows(windows);
        if (merged.error !== undefined) {
          assert.throws(() => sumOf(windows), /no sampler/);
          return;
        }
        const profile = sumOf(windows);
        assertSame(contentsOf(profile), naiveProfile(merged));
        assertSame(contentsOf(toPprof(merged)), naiveProfile(merged));
        assert.deepEqual(header(profile), header(toPprof(merged)));
      }),
      { numRuns: 300 },
    );
  });

  it('detects a blocked thread across windows', () => {
    const blocked = (lastCpuMicros: number, firstCpuMicros: number): ProfileWindow[] =>
      [0, 1].map((index) => {
        const specs = [
          { leaf: 'busy', cpuMicros: 9_000 },
          { leaf: 'waits', labels: { rule: 'x' }, cpuMicros: lastCpuMicros },
        ];
        if (index === 1) specs.reverse()[0]!.cpuMicros = firstCpuMicros;
        const root = rootOf(...specs);
        return { ...windowOf(recording({ root })), sequence: index + 1 };
      });
    const cpuOfWaits = (windows: ProfileWindow[]): number =>
      plain(sumOf(windows)).find(({ stack }) => stack[0] === 'waits')!.values[2]!;
    assert.ok(cpuOfWaits(blocked(9_000, 9_000)) > 0);
    // The CPU clock stood still from the last sample of a window to the first one of the next.
    assert.equal(cpuOfWaits(blocked(9_000, 1)), 0);
  });

  it('leaves the windows as they are', () => {
    fc.assert(
      fc.property(consecutiveWindows(), (windows) => {
        const before = structuredClone(windows);
        const sum = new ProfileSum();
        for (const window of windows) sum.add(window);
        assert.deepEqual(structuredClone(windows), before);
      }),
      { numRuns: 50 },
    );
  });

  /** Returns a window with `count` samples, `depth` deep. Each has its own stack. */
  const wide = (prefix: string, count: number, depth: number): ProfileWindow => {
    const below = (name: string, level: number): CallNode =>
      level === 1 ? node(name, hits(1)) : node(name, [], below(name, level - 1));
    const children = Array.from({ length: count }, (_, i) => below(`${prefix}${i}`, depth));
    return windowOf(recording({ root: node('(root)', [], ...children), samplesTaken: count }));
  };

  it('has steps of at most 2,000 functions', () => {
    const sum = new ProfileSum();
    const added = countSteps(sum.addInSteps(wide('a', 2_000, 50)));
    assert.ok(added.steps > 40, `${added.steps} steps`);
    const built = countSteps(sum.buildInSteps());
    assert.ok(built.steps > 40, `${built.steps} steps`);
    assert.equal(built.result.sample.length, 2_000);
  });

  it('takes as many steps for a window that it has seen as for the first one', () => {
    const sum = new ProfileSum();
    const steps = Array.from({ length: 10 }, () => {
      return countSteps(sum.addInSteps(wide('a', 500, 50))).steps;
    });
    assert.equal(new Set(steps).size, 1, steps.join());
    assert.equal(countSteps(sum.buildInSteps()).result.sample.length, 500);
  });

  it('drops samples beyond its limit of stacks, keeps their CPU, and says so', () => {
    const windows = ['a', 'b', 'c'].map((prefix) => wide(prefix, 100, 10));
    const profile = sumOf(windows, 1_500);
    const reader = new ProfileReader(profile);
    const total = (index: number) =>
      reader.samples.reduce((all, sample) => all + Number(reader.values(sample)[index]), 0);
    assert.equal(total(0), 200);
    assert.ok(Math.abs(total(2) - 3e9) < 1_000, `${total(2)}`);
    assert.match(comments(profile).at(-1) ?? '', /^incomplete: overflow, about 100 samples lost$/);
  });
});
