import assert from 'node:assert/strict';
import type { CallNode } from '../../src/model/CallNode';
import { mergeCallTrees } from '../../src/model/mergeCallTrees';
import { hits, node } from '../support/builders';

/** Returns `name(hits, children...)`, with the children sorted by name. */
function shape({ name, hitCount, contexts, children }: CallNode): string {
  assert.equal(contexts?.length, hitCount);
  const inner = children.map(shape).sort();
  return `${name}(${[hitCount, ...inner].join(' ')})`;
}

describe('mergeCallTrees', () => {
  it('returns a root without hits if there are no trees', () => {
    assert.equal(shape(mergeCallTrees([])), '(root)(0)');
  });

  it('makes one node of equal functions with equal callers', () => {
    const one = node('(root)', [], node('a', hits(1), node('b', hits(2))), node('c', hits(3)));
    const two = node('(root)', [], node('a', hits(4), node('c', hits(5))), node('c', hits(6)));
    const merged = shape(mergeCallTrees([one, two]));
    assert.equal(merged, '(root)(0 a(5 b(2) c(5)) c(9))');
  });

  it('keeps functions apart that begin at different places', () => {
    const at = (lineNumber: number): CallNode => ({ ...node('a', hits(1)), lineNumber });
    const roots = [at(1), at(2), at(1)].map((child) => node('(root)', [], child));
    assert.equal(shape(mergeCallTrees(roots)), '(root)(0 a(1) a(2))');
  });

  it('keeps functions of different scripts apart, even if their names and places are equal', () => {
    const of = (scriptId: number): CallNode => ({ ...node('a', hits(1)), scriptId });
    const roots = [of(1), of(2), of(1)].map((child) => node('(root)', [], child));
    assert.equal(shape(mergeCallTrees(roots)), '(root)(0 a(1) a(2))');
  });

  it('keeps every sample with its labels and its time', () => {
    const one = node('(root)', [], node('a', [{ rule: 'r1' }, undefined]));
    const two = node('(root)', [], node('a', [{ rule: 'r2' }]));
    const samples = mergeCallTrees([one, two]).children[0]?.contexts ?? [];
    const expected = [one, two].flatMap(({ children }) => children[0]?.contexts ?? []);
    assert.deepEqual(new Set(samples), new Set(expected));
  });

  it('does not change its arguments', () => {
    const tree = node('(root)', [], node('a', hits(1)));
    const before = structuredClone(tree);
    mergeCallTrees([tree, node('(root)', [], node('a', hits(1), node('b', hits(1))))]);
    assert.deepEqual(tree, before);
  });
});
