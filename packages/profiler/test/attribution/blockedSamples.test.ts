import assert from 'node:assert/strict';
import { blockedSamples } from '../../src/attribution/blockedSamples';
import { timelineOf } from '../../src/attribution/timelineOf';
import { type SampleSpec, rootOf } from '../support/builders';

const a = { rule: 'a' };
const b = { rule: 'b' };

/** Places of the samples that are called blocked. */
function blocked(...samples: SampleSpec[]): number[] {
  const timeline = timelineOf(rootOf(...samples), 10_000);
  const found = blockedSamples(timeline);
  return timeline.flatMap((sample, place) => (found.has(sample) ? [place] : []));
}

describe('blockedSamples', () => {
  it('finds samples in the same function, with the same labels, while the CPU clock stood still', () => {
    const still = { leaf: 'readSync', labels: a, cpuMicros: 60 };
    const ran = { leaf: 'readSync', labels: a, cpuMicros: 9_000 };
    assert.deepEqual(blocked({ leaf: 'f', cpuMicros: 9_000 }, ran, still, still, ran), [1, 2, 3]);
  });

  for (const [name, samples] of Object.entries({
    'another function': [{ leaf: 'f' }, { leaf: 'g', cpuMicros: 0 }],
    'other labels': [
      { leaf: 'f', labels: a },
      { leaf: 'f', labels: b, cpuMicros: 0 },
    ],
    'a clock that went on': [{ leaf: 'f' }, { leaf: 'f', cpuMicros: 1_000 }],
    'a clock that nobody read': [{ leaf: 'f' }, { leaf: 'f' }],
    'an idle thread': [{ leaf: '(idle)' }, { leaf: '(idle)', cpuMicros: 0 }],
    'garbage collection': [
      { leaf: '(garbage collector)' },
      { leaf: '(garbage collector)', cpuMicros: 0 },
    ],
    'a sample alone': [{ leaf: 'f', cpuMicros: 0 }],
  })) {
    it(`proves nothing by ${name}`, () => assert.deepEqual(blocked(...samples), []));
  }

  it('allows a long wait more for the samples in it', () => {
    const ran = { leaf: 'f', cpuMicros: 9_000 };
    const wait = { leaf: 'f', elapsedMicros: 50_000 };
    assert.deepEqual(blocked(ran, { ...wait, cpuMicros: 900 }), [0, 1]);
    assert.deepEqual(blocked(ran, { ...wait, cpuMicros: 1_100 }), []);
  });
});
