import assert from 'node:assert/strict';
import { boundedString } from '../../src/base/boundedString';
import { boundLabels } from '../../src/model/boundLabels';
import type { LabelSet } from '../../src/model/LabelSet';
import { node } from '../support/builders';

const LONG = 'é'.repeat(100_000);

describe('boundLabels', () => {
  it('shortens long values and keys, everywhere in the tree', () => {
    const root = node(
      '(root)',
      [{ rule: LONG }],
      node('f', [{ rule: 'r1', [LONG]: 'v' }, { rule: `${LONG}2` }]),
    );
    const labels = [root, ...boundLabels(root).children].flatMap(({ contexts = [] }) =>
      contexts.map(({ context }) => context?.labels),
    );
    assert.deepEqual(labels, [
      { rule: boundedString(LONG) },
      { rule: 'r1', [boundedString(LONG)]: 'v' },
      { rule: boundedString(`${LONG}2`) },
    ]);
  });

  it('changes neither label sets of the application nor samples with short labels', () => {
    const short = Object.freeze({ rule: 'r1' });
    const long = Object.freeze({ rule: LONG });
    const root = node('(root)', [short, undefined, long]);
    const contexts = root.contexts!.map(({ context }) => context);
    boundLabels(root);
    assert.equal(root.contexts![0]!.context, contexts[0]);
    assert.equal(root.contexts![1]!.context, contexts[1]);
    assert.equal(contexts[2]!.labels, long, 'the cell may label samples of the next window');
    assert.notEqual(root.contexts![2]!.context, contexts[2]);
  });

  it('shares one label set where samples shared one', () => {
    const labels = { rule: LONG };
    const [first, second] = boundLabels(node('(root)', [labels, labels])).contexts!;
    assert.equal(first!.context!.labels, second!.context!.labels);
  });

  it('keeps what other code has set under a symbol', () => {
    const key = Symbol('context');
    const context = {};
    const root = node('(root)', [{ rule: LONG, [key]: context }]);
    const labels = boundLabels(root).contexts![0]!.context!.labels as Record<symbol, unknown>;
    assert.equal(labels[key], context);
  });

  it('leaves labels alone that are not strings', () => {
    const labels = { rule: Array(1_000).fill('x'), none: undefined } as unknown as LabelSet;
    const root = node('(root)', [labels]);
    assert.equal(boundLabels(root).contexts![0]!.context!.labels, labels);
  });
});
