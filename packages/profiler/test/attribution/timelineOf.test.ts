import assert from 'node:assert/strict';
import { timelineOf } from '../../src/attribution/timelineOf';
import { node, rootOf } from '../support/builders';

describe('timelineOf', () => {
  it('puts the samples into the order in which they were taken', () => {
    const a = { rule: 'a' };
    const root = rootOf({ leaf: 'f', labels: a }, { leaf: 'g' }, { leaf: 'f' }, { leaf: '(idle)' });
    assert.deepEqual(
      timelineOf(root, 10_000).map(({ leaf, labels }) => [leaf.name, labels]),
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
      timelineOf(root, 10_000).map(({ leaf }) => leaf.name),
      ['h', 'f'],
    );
  });

  it('says how long after the one before it each sample was taken, of the first one the interval', () => {
    const root = rootOf({ leaf: 'f', elapsedMicros: 1 }, { leaf: 'f', elapsedMicros: 12_345 });
    assert.deepEqual(
      timelineOf(root, 10_000).map(({ elapsedMicros }) => elapsedMicros),
      [10_000, 12_345],
    );
  });

  it('tells V8’s own nodes from functions that are called like them', () => {
    const names = ['(idle)', '(garbage collector)', '(program)', '(root)', 'f', '(anonymous)'];
    const root = rootOf(...names.map((leaf) => ({ leaf })));
    assert.deepEqual(
      timelineOf(root, 10_000).map(({ activity }) => activity),
      ['idle', 'gc', 'runtime', 'runtime', 'javascript', 'javascript'],
    );
    const impostor = { ...node('(idle)', [undefined]), scriptName: 'file:///app.js' };
    assert.equal(timelineOf(node('(root)', [], impostor), 10_000)[0]?.activity, 'javascript');
  });

  it('reaches from one reading of the CPU clock to the next: (program) has none', () => {
    const timeline = timelineOf(
      rootOf(
        { leaf: 'f', cpuMicros: 4_000 },
        { leaf: '(program)' },
        { leaf: '(program)', elapsedMicros: 9_000 },
        { leaf: 'g', cpuMicros: 25_000, elapsedMicros: 11_000 },
        { leaf: '(program)' },
      ),
      10_000,
    );
    const [first, second, third, fourth, last] = timeline.map(({ stretch }) => stretch);
    assert.deepEqual(first, { elapsedMicros: 10_000, cpuMicros: 4_000 });
    assert.deepEqual(fourth, { elapsedMicros: 30_000, cpuMicros: 25_000 });
    assert.ok(second === fourth && third === fourth);
    assert.deepEqual(last, { elapsedMicros: 10_000, cpuMicros: undefined });
  });

  it('leaves out hits without a record', () => {
    const { contexts: _, ...bare } = node('f', [undefined]);
    assert.deepEqual(timelineOf(node('(root)', [], bare), 10_000), []);
  });
});
