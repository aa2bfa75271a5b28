import assert from 'node:assert/strict';
import { countHits } from '../../src/attribution/countHits';
import { hits, node } from '../support/builders';

const a = { rule: 'a' };
const b = { rule: 'b' };

describe('countHits', () => {
  it('counts the hits of each label value all over the tree', () => {
    const root = node(
      '(root)',
      [],
      node('f', hits(2, a), node('g', [...hits(3, a), ...hits(1, b)])),
      node('h', hits(4, b)),
    );
    const counts = countHits(root, 'rule');
    assert.deepEqual(
      counts.labels,
      new Map([
        ['a', { hits: 5, gcHits: 0 }],
        ['b', { hits: 5, gcHits: 0 }],
      ]),
    );
    assert.equal(counts.total, 10);
  });

  it('counts JavaScript without the label as unlabelled, whatever other labels it has', () => {
    const root = node('(root)', [], node('f', [...hits(2), ...hits(3, { tenant: 't' })]));
    assert.deepEqual(countHits(root, 'rule'), {
      labels: new Map(),
      unlabelled: 5,
      gc: 0,
      runtime: 0,
      total: 5,
    });
  });

  it('counts a hit whose sample record is missing as unlabelled', () => {
    const partly = { ...node('f', hits(2, a)), hitCount: 3 };
    const wholly = { name: 'g', scriptName: '', hitCount: 4, children: [] };
    const counts = countHits(node('(root)', [], partly, wholly), 'rule');
    assert.equal(counts.unlabelled, 5);
    assert.deepEqual(counts.labels.get('a'), { hits: 2, gcHits: 0 });
    assert.equal(counts.total, 7);
  });

  it('takes a method of the user for what it is, even if it is called as a node of V8', () => {
    for (const name of ['(idle)', '(program)', '(garbage collector)']) {
      const method = { ...node(name, hits(3, a)), scriptName: 'file:///app.js' };
      const counts = countHits(node('(root)', [], method), 'rule');
      assert.deepEqual(counts.labels.get('a'), { hits: 3, gcHits: 0 }, name);
      assert.equal(counts.total, 3, name);
    }
  });

  it('tells garbage collection inside a label apart from that outside any', () => {
    const gc = node('(garbage collector)', [...hits(2, a), ...hits(3)]);
    const counts = countHits(node('(root)', [], gc, node('f', hits(4, a))), 'rule');
    assert.deepEqual(counts.labels.get('a'), { hits: 6, gcHits: 2 });
    assert.equal(counts.gc, 3);
    assert.equal(counts.unlabelled, 0);
    assert.equal(counts.total, 9);
  });

  it('ignores idle time, with labels too', () => {
    const root = node('(root)', [], node('(idle)', [...hits(50), ...hits(50, a)]));
    assert.deepEqual(countHits(root, 'rule'), {
      labels: new Map(),
      unlabelled: 0,
      gc: 0,
      runtime: 0,
      total: 0,
    });
  });

  it('counts native code as runtime, whatever labels were left current', () => {
    const root = node('(root)', hits(1), node('(program)', [...hits(2), ...hits(3, a)]));
    const counts = countHits(root, 'rule');
    assert.equal(counts.runtime, 6);
    assert.equal(counts.total, 6);
    assert.equal(counts.labels.size, 0);
  });

  it('counts a function without a name', () => {
    const anonymous = {
      scriptName: '',
      hitCount: 2,
      contexts: node('', hits(2, a)).contexts ?? [],
    };
    const root = node('(root)', [], { ...anonymous, children: [] });
    assert.equal(countHits(root, 'rule').labels.get('a')?.hits, 2);
  });

  for (const value of ['__proto__', '', 'constructor', 'hasOwnProperty', 'other', '\0', '😀']) {
    it(`takes the label value ${JSON.stringify(value)} for what it is: data`, () => {
      const root = node('(root)', [], node('f', [...hits(2, { rule: value }), ...hits(1)]));
      const counts = countHits(root, 'rule');
      assert.deepEqual([...counts.labels], [[value, { hits: 2, gcHits: 0 }]]);
      assert.equal(counts.unlabelled, 1);
    });
  }

  for (const key of ['constructor', '__proto__', 'toString', '']) {
    it(`takes the label key ${JSON.stringify(key)} for what it is: data`, () => {
      const own = Object.fromEntries([[key, 'x']]);
      const root = node('(root)', [], node('f', [...hits(2, own), ...hits(3, a)]));
      const counts = countHits(root, key);
      assert.deepEqual([...counts.labels], [['x', { hits: 2, gcHits: 0 }]]);
      assert.equal(counts.unlabelled, 3);
    });
  }

  it('copes with a tree as deep as the longest stack V8 records', () => {
    let leaf = node('leaf', hits(1, a));
    for (let depth = 0; depth < 20_000; depth++) leaf = node('f', [], leaf);
    assert.equal(countHits(leaf, 'rule').labels.get('a')?.hits, 1);
  });
});
