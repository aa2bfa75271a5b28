import assert from 'node:assert/strict';
import { Routing } from '../../src/datadog/Routing';

function setUp() {
  const own = { start: () => 'original', stop: () => 'original', constants: { k: 1 } };
  const target: Record<string, unknown> = { ...own };
  const dropIn = { start: () => 'ours', stop: () => 'ours', extra: () => 'ours', constants: {} };
  return { own, target, dropIn, routing: new Routing([{ target, replacement: dropIn }]) };
}

describe('Routing', () => {
  it('replaces only existing functions', () => {
    const { own, target, dropIn, routing } = setUp();
    routing.add();
    assert.equal(target['start'], dropIn.start);
    assert.equal(target['stop'], dropIn.stop);
    assert.equal(target['constants'], own.constants);
    assert.equal('extra' in target, false);
  });

  it('restores the exact original properties', () => {
    const { target, routing } = setUp();
    const before = Object.getOwnPropertyDescriptors(target);
    routing.add()();
    assert.deepEqual(Object.getOwnPropertyDescriptors(target), before);
    assert.deepEqual(Object.keys(target), Object.keys(before));
  });

  it('lasts until every caller has undone it, in any order; a second undo has no effect', () => {
    const { own, target, dropIn, routing } = setUp();
    const [first, second, third] = [routing.add(), routing.add(), routing.add()];
    second();
    second();
    first();
    assert.equal(target['start'], dropIn.start);
    assert.equal(routing.active, true);
    third();
    assert.equal(target['start'], own.start);
    assert.equal(routing.active, false);
    const again = routing.add();
    assert.equal(target['start'], dropIn.start);
    third();
    assert.equal(target['start'], dropIn.start);
    again();
    assert.equal(target['start'], own.start);
  });

  it('keeps a function that other code has put there since', () => {
    const { own, target, routing } = setUp();
    const undo = routing.add();
    const theirs = () => 'theirs';
    target['start'] = theirs;
    undo();
    assert.equal(target['start'], theirs);
    assert.equal(target['stop'], own.stop);
  });
});
