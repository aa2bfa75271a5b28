import assert from 'node:assert/strict';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { attributeFunctions } from '../../src/attribution/attributeFunctions';
import { allAtOnce } from '../../src/base/steps';
import type { CallNode } from '../../src/model/CallNode';
import { mergeWindows } from '../../src/model/mergeWindows';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { assertClose } from '../support/assertClose';
import { hits, node, recording, sharedHits, windowOf } from '../support/builders';
import { countSteps } from '../support/countSteps';

const a = { rule: 'a' };
const b = { rule: 'b' };
const nameOf = ({ name }: CallNode) => (name === '(root)' ? undefined : name);

/** Returns a window of 1 s of CPU. */
const windowWith = (...children: CallNode[]) =>
  windowOf(recording({ root: node('(root)', [], ...children) }));

/** Returns [function, hits, CPU, cumulative CPU] of the rule, in milliseconds. */
function functionsOf(window: ProfileWindow, rule: string): unknown[] {
  const functions = allAtOnce(attributeFunctions(window, 'rule', nameOf)).get(rule);
  const millis = (seconds: number) => Math.round(seconds * 1e3);
  return [...(functions ?? [])]
    .map(([name, cpu]) => [name, cpu.hits, millis(cpu.cpuSeconds), millis(cpu.cumulativeSeconds)])
    .sort();
}

describe('attributeFunctions', () => {
  it('gives a function its own hits, and cumulatively those of all that it calls', () => {
    const g = node('g', [...hits(3, a), ...hits(2, b)], node('h', hits(4, a)));
    const window = windowWith(node('f', hits(1, a), g), node('g', hits(10)));
    assert.deepEqual(functionsOf(window, 'a'), [
      ['f', 1, 50, 400],
      ['g', 3, 150, 350],
      ['h', 4, 200, 200],
    ]);
    assert.deepEqual(functionsOf(window, 'b'), [
      ['f', 0, 0, 100],
      ['g', 2, 100, 100],
    ]);
  });

  it('divides the functions of shared work by weight', () => {
    const decode = node('decode', [...sharedHits(6, { a: 2, b: 1 }), ...hits(1, a)]);
    const window = windowWith(node('run', sharedHits(3, { a: 2, b: 1 }), decode));
    assert.deepEqual(functionsOf(window, 'a'), [
      ['decode', 5, 500, 500],
      ['run', 2, 200, 700],
    ]);
    assert.deepEqual(functionsOf(window, 'b'), [
      ['decode', 2, 200, 200],
      ['run', 1, 100, 300],
    ]);
  });

  it('counts a recursive function once, and a function in several places together', () => {
    const recursive = node('f', hits(1, a), node('g', [], node('f', hits(3, a))));
    const window = windowWith(recursive, node('h', [], node('g', hits(6, a))));
    assert.deepEqual(functionsOf(window, 'a'), [
      ['f', 4, 400, 400],
      ['g', 6, 600, 900],
      ['h', 0, 0, 600],
    ]);
  });

  it('counts garbage collection that began in the code of a value, and no runtime', () => {
    const window = windowWith(node('(garbage collector)', hits(2, a)), node('(program)', hits(2, a))); // prettier-ignore
    assert.deepEqual(functionsOf(window, 'a'), [['(garbage collector)', 2, 500, 500]]);
  });

  it('sums to the CPU of the value, in a merged window of unlike parts too', () => {
    const windows = [1, 2].map((scale) => ({
      ...windowWith(node('f', hits(3 * scale, a), node('g', hits(2, a))), node('h', hits(5, b))),
      samplingIntervalMicros: 1_000 * scale,
    }));
    const merged = mergeWindows(windows);
    assert.equal(merged.parts?.length, 2);
    const { labels } = attributeCpu(merged, 'rule');
    for (const [value, functions] of allAtOnce(attributeFunctions(merged, 'rule', nameOf))) {
      const sum = [...functions.values()].reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
      assertClose(sum, labels.get(value)!.cpuSeconds);
    }
  });

  it('works in steps of bounded work', () => {
    let stack = node('leaf', hits(200, a));
    for (let depth = 0; depth < 100; depth++) stack = node(`f${depth}`, [], stack);
    const { steps } = countSteps(attributeFunctions(windowWith(stack), 'rule', nameOf));
    assert.ok(steps > 10, `${steps} steps`);
  });

  it('returns nothing for a failed window', () => {
    const failed = { ...windowWith(), root: undefined };
    assert.equal(allAtOnce(attributeFunctions(failed, 'rule', nameOf)).size, 0);
  });
});
