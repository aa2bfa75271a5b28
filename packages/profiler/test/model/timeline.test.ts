import assert from 'node:assert/strict';
import { hitsOf, timelineOf, sparedSamples } from '../../src/model/timeline';
import { type SampleSpec, node, rootOf, sharedHits } from '../support/builders';

const a = { rule: 'a' };
const b = { rule: 'b' };

/** Returns the indexes of the samples that are marked as blocked. */
function blocked(...samples: SampleSpec[]): number[] {
  return timelineOf(rootOf(...samples)).flatMap((sample, index) => (sample.blocked ? [index] : []));
}

describe('timelineOf', () => {
  it('returns the samples in the order in which they were taken', () => {
    const root = rootOf({ leaf: 'f', labels: a }, { leaf: 'g' }, { leaf: 'f' }, { leaf: '(idle)' });
    assert.deepEqual(
      timelineOf(root).map(({ leaf, labels }) => [leaf.name, labels]),
      [
        ['f', a],
        ['g', undefined],
        ['f', undefined],
        ['(idle)', undefined],
      ],
    );
  });

  it('finds samples at any depth', () => {
    const root = node('(root)', [], node('f', [undefined], node('g', [], node('h', [undefined]))));
    assert.deepEqual(
      timelineOf(root).map(({ leaf }) => leaf.name),
      ['h', 'f'],
    );
  });

  it('distinguishes V8’s own nodes from functions with the same names', () => {
    const names = ['(idle)', '(garbage collector)', '(program)', '(root)', 'f', '(anonymous)'];
    const root = rootOf(...names.map((leaf) => ({ leaf })));
    assert.deepEqual(
      timelineOf(root).map(({ activity }) => activity),
      ['idle', 'gc', 'runtime', 'runtime', 'javascript', 'javascript'],
    );
    const impostor = { ...node('(idle)', [undefined]), scriptName: 'file:///app.js' };
    assert.equal(timelineOf(node('(root)', [], impostor))[0]?.activity, 'javascript');
  });

  it('omits hits without a record', () => {
    const { contexts: _, ...bare } = node('f', [undefined]);
    assert.deepEqual(timelineOf(node('(root)', [], bare)), []);
  });

  it('marks samples as blocked if function and labels stay and the CPU clock stands still', () => {
    const still = { leaf: 'readSync', labels: a, cpuMicros: 60 };
    const ran = { leaf: 'readSync', labels: a, cpuMicros: 9_000 };
    assert.deepEqual(blocked({ leaf: 'f', cpuMicros: 9_000 }, ran, still, still, ran), [1, 2, 3]);
  });

  it('marks shared work as blocked if its parts stay, in a window that was JSON too', () => {
    const shares = (weights: Record<string, number>) => sharedHits(1, weights)[0]!.parts!;
    const still = (weights: Record<string, number>): SampleSpec[] => [
      { leaf: 'readSync', parts: shares({ a: 2, b: 1 }), cpuMicros: 9_000 },
      { leaf: 'readSync', parts: shares(weights), cpuMicros: 0 },
    ];
    assert.deepEqual(blocked(...still({ a: 2, b: 1 })), [0, 1]);
    assert.deepEqual(blocked(...still({ a: 2, c: 1 })), []);
  });

  for (const [name, samples] of Object.entries({
    'another function': [{ leaf: 'f' }, { leaf: 'g', cpuMicros: 0 }],
    'other labels': [
      { leaf: 'f', labels: a },
      { leaf: 'f', labels: b, cpuMicros: 0 },
    ],
    'a CPU clock that advanced': [{ leaf: 'f' }, { leaf: 'f', cpuMicros: 1_000 }],
    'an unknown CPU clock': [{ leaf: 'f' }, { leaf: 'f' }],
    'an idle thread': [{ leaf: '(idle)' }, { leaf: '(idle)', cpuMicros: 0 }],
    'garbage collection': [
      { leaf: '(garbage collector)' },
      { leaf: '(garbage collector)', cpuMicros: 0 },
    ],
    'a single sample': [{ leaf: 'f', cpuMicros: 0 }],
  })) {
    it(`does not mark samples as blocked: ${name}`, () =>
      assert.deepEqual(blocked(...samples), []));
  }

  it('allows more CPU between samples in a long blocked call', () => {
    const ran = { leaf: 'f', cpuMicros: 9_000 };
    const wait = { leaf: 'f', elapsedMicros: 50_000 };
    assert.deepEqual(blocked(ran, { ...wait, cpuMicros: 900 }), [0, 1]);
    assert.deepEqual(blocked(ran, { ...wait, cpuMicros: 1_100 }), []);
  });
});

describe('hitsOf', () => {
  it('omits samples of a thread that waited for events or was blocked', () => {
    const still = { leaf: 'readSync', labels: a, cpuMicros: 20 };
    const root = rootOf({ leaf: 'f' }, still, still, { leaf: '(idle)' }, { leaf: '(program)' });
    assert.deepEqual(
      hitsOf(timelineOf(root)).map(({ leaf }) => leaf.name),
      ['f', '(program)'],
    );
  });
});

describe('sparedSamples', () => {
  it('counts all intervals of each wait except one', () => {
    assert.equal(sparedSamples([], 10_000), 0);
    assert.equal(sparedSamples([50_000], 10_000), 4);
    assert.equal(sparedSamples([50_000, 21_000], 10_000), 5);
  });

  it('counts no spared sample for a wait of less than one and a half intervals', () => {
    assert.equal(sparedSamples([0, 3_000, 10_000, 14_999], 10_000), 0);
    assert.equal(sparedSamples([15_001], 10_000), 1);
  });
});
