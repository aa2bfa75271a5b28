import assert from 'node:assert/strict';
import { hitsOf, timelineOf, sparedSamples } from '../../src/model/timeline';
import { type SampleSpec, node, rootOf } from '../support/builders';

const a = { rule: 'a' };
const b = { rule: 'b' };

/** Places of the samples that are called blocked. */
function blocked(...samples: SampleSpec[]): number[] {
  return timelineOf(rootOf(...samples)).flatMap((sample, place) => (sample.blocked ? [place] : []));
}

describe('timelineOf', () => {
  it('puts the samples into the order in which they were taken', () => {
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

  it('tells V8’s own nodes from functions that are called like them', () => {
    const names = ['(idle)', '(garbage collector)', '(program)', '(root)', 'f', '(anonymous)'];
    const root = rootOf(...names.map((leaf) => ({ leaf })));
    assert.deepEqual(
      timelineOf(root).map(({ activity }) => activity),
      ['idle', 'gc', 'runtime', 'runtime', 'javascript', 'javascript'],
    );
    const impostor = { ...node('(idle)', [undefined]), scriptName: 'file:///app.js' };
    assert.equal(timelineOf(node('(root)', [], impostor))[0]?.activity, 'javascript');
  });

  it('leaves out hits without a record', () => {
    const { contexts: _, ...bare } = node('f', [undefined]);
    assert.deepEqual(timelineOf(node('(root)', [], bare)), []);
  });

  it('calls samples blocked that found one function with one set of labels while the CPU clock stood still', () => {
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
    it(`does not take ${name} for a blocked call`, () => assert.deepEqual(blocked(...samples), []));
  }

  it('allows a long blocked call more CPU for the samples in it', () => {
    const ran = { leaf: 'f', cpuMicros: 9_000 };
    const wait = { leaf: 'f', elapsedMicros: 50_000 };
    assert.deepEqual(blocked(ran, { ...wait, cpuMicros: 900 }), [0, 1]);
    assert.deepEqual(blocked(ran, { ...wait, cpuMicros: 1_100 }), []);
  });
});

describe('hitsOf', () => {
  it('leaves out samples of a thread that waited for events or in a blocked call', () => {
    const still = { leaf: 'readSync', labels: a, cpuMicros: 20 };
    const root = rootOf({ leaf: 'f' }, still, still, { leaf: '(idle)' }, { leaf: '(program)' });
    assert.deepEqual(
      hitsOf(timelineOf(root)).map(({ leaf }) => leaf.name),
      ['f', '(program)'],
    );
  });
});

describe('sparedSamples', () => {
  it('counts the intervals of each wait but one', () => {
    assert.equal(sparedSamples([], 10_000), 0);
    assert.equal(sparedSamples([50_000], 10_000), 4);
    assert.equal(sparedSamples([50_000, 21_000], 10_000), 5);
  });

  it('takes a wait of less than one and a half intervals for one that was spared nothing', () => {
    assert.equal(sparedSamples([0, 3_000, 10_000, 14_999], 10_000), 0);
    assert.equal(sparedSamples([15_001], 10_000), 1);
  });
});
