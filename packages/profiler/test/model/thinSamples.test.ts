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
  it('keeps every sample if samples are already as far apart as requested', () => {
    const early = { leaf: 'a', elapsedMicros: 9_700 };
    const late = { leaf: 'b', elapsedMicros: 10_300 };
    const jittery = Array.from({ length: 25 }, () => [early, early, late, late]).flat();
    assert.deepEqual(hits(thinSamples(rootOf(...jittery), 10_000)), { a: 50, b: 50 });
  });

  it('keeps as many samples as a coarser sampler would have taken', () => {
    const fine = times(100, { leaf: 'a', elapsedMicros: 1_000 });
    assert.deepEqual(hits(thinSamples(rootOf(...fine), 10_000)), { a: 10 });
  });

  it('gives finely sampled time no more weight than other time', () => {
    const mixed = [
      ...times(20, { leaf: 'coarse', elapsedMicros: 10_000 }),
      ...times(200, { leaf: 'fine', elapsedMicros: 1_000 }),
    ];
    assert.deepEqual(hits(thinSamples(rootOf(...mixed), 10_000)), { coarse: 20, fine: 20 });
  });

  it('does not take missed samples later', () => {
    const stalled = [
      ...times(10, { leaf: 'a', elapsedMicros: 1_000 }),
      { leaf: 'late', elapsedMicros: 100_000 },
      ...times(10, { leaf: 'b', elapsedMicros: 1_000 }),
    ];
    // At most half an interval of credit is kept. It brings the sample of b forward, and nothing
    // else.
    assert.deepEqual(hits(thinSamples(rootOf(...stalled), 10_000)), { a: 1, late: 1, b: 1 });
  });

  it('adds the CPU of omitted samples to the next sample', () => {
    const specs = times(20, { leaf: 'a', elapsedMicros: 1_000, cpuMicros: 300 });
    const root = thinSamples(rootOf(...specs), 10_000);
    const cpu = root.children[0]?.contexts?.map(({ cpuTime }) => cpuTime);
    assert.deepEqual(cpu, [300_000, 3_000_000]);
  });

  it('returns a root even if there is no sample', () => {
    assert.deepEqual(hits(thinSamples(rootOf(), 10_000)), {});
  });
});
