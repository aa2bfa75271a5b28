import assert from 'node:assert/strict';
import type { CallNode } from '../../src/model/CallNode';
import { thinSamples } from '../../src/model/thinSamples';
import { type SampleSpec, rootOf } from '../support/builders';

function times(count: number, spec: SampleSpec): SampleSpec[] {
  return Array.from({ length: count }, () => spec);
}

function hits(root: CallNode): Record<string, number> {
  return Object.fromEntries(root.children.map(({ name = '', hitCount }) => [name, hitCount]));
}

describe('thinSamples', () => {
  it('keeps every sample where they are as far apart as asked', () => {
    const early = { leaf: 'a', elapsedMicros: 9_700 };
    const late = { leaf: 'b', elapsedMicros: 10_300 };
    const jittery = Array.from({ length: 25 }, () => [early, early, late, late]).flat();
    assert.deepEqual(hits(thinSamples(rootOf(...jittery), 10_000)), { a: 50, b: 50 });
  });

  it('leaves as many as a coarser sampler would have taken', () => {
    const fine = times(100, { leaf: 'a', elapsedMicros: 1_000 });
    assert.deepEqual(hits(thinSamples(rootOf(...fine), 10_000)), { a: 10 });
  });

  it('gives time that was sampled finely no more weight than other time', () => {
    const mixed = [
      ...times(20, { leaf: 'coarse', elapsedMicros: 10_000 }),
      ...times(200, { leaf: 'fine', elapsedMicros: 1_000 }),
    ];
    assert.deepEqual(hits(thinSamples(rootOf(...mixed), 10_000)), { coarse: 20, fine: 20 });
  });

  it('does not make up for samples that never came', () => {
    const stalled = [
      ...times(10, { leaf: 'a', elapsedMicros: 1_000 }),
      { leaf: 'late', elapsedMicros: 100_000 },
      ...times(10, { leaf: 'b', elapsedMicros: 1_000 }),
    ];
    // The half of an interval that is kept brings b's sample forward, and no more.
    assert.deepEqual(hits(thinSamples(rootOf(...stalled), 10_000)), { a: 1, late: 1, b: 1 });
  });

  it('gives the CPU of what it leaves out to the sample that follows', () => {
    const specs = times(20, { leaf: 'a', elapsedMicros: 1_000, cpuMicros: 300 });
    const root = thinSamples(rootOf(...specs), 10_000);
    const cpu = root.children[0]?.contexts?.map(({ cpuTime }) => cpuTime);
    assert.deepEqual(cpu, [300_000, 3_000_000]);
  });

  it('has a root even if there was no sample', () => {
    assert.deepEqual(hits(thinSamples(rootOf(), 10_000)), {});
  });
});
