import assert from 'node:assert/strict';
import { AsyncHooksLabels } from '../../src/labels/AsyncHooksLabels';
import { ConsumerQueue, Turns } from '../../src/collector/ConsumerQueue';
import { ConsumerSet } from '../../src/collector/ConsumerSet';
import { silentLogger } from '../../src/base/logger';
import { recording, windowOf } from '../support/builders';

/** Returns the queue of a consumer that never finishes, so that the queue drops windows. */
function stuckQueue(name: string): ConsumerQueue {
  const never = (): Promise<void> => new Promise(() => undefined);
  return new ConsumerQueue(name, never, silentLogger, new AsyncHooksLabels(), new Turns(), 1_000);
}

/** Offers windows that end 10 s apart until the queue has dropped `count` windows. */
function drop(queue: ConsumerQueue, count: number): void {
  const window = windowOf(recording());
  for (let i = 0; queue.dropped < count; i++) {
    queue.offer({ ...window, endMonotonicMillis: window.endMonotonicMillis + i * 10_000 });
  }
}

describe('ConsumerSet', () => {
  it('counts dropped windows by name and keeps the count of a removed consumer', () => {
    const set = new ConsumerSet();
    const [one, two] = [stuckQueue('slow'), stuckQueue('slow')];
    set.add(one);
    set.add(two);
    drop(one, 2);
    drop(two, 3);
    assert.deepEqual([...set.dropped()], [['slow', 5]]);
    assert.equal(set.delete(one), true);
    assert.equal(set.delete(one), false);
    assert.deepEqual([...set.dropped()], [['slow', 5]]);
    const before = two.dropped;
    drop(two, before + 1);
    assert.deepEqual([...set.dropped()], [['slow', 2 + two.dropped]]);
  });

  it('counts 100 names separately and all further names as other', () => {
    const set = new ConsumerSet();
    for (let i = 0; i < 150; i++) {
      const queue = stuckQueue(`consumer ${i}`);
      set.add(queue);
      drop(queue, 1);
      if (i % 2 === 0) set.delete(queue);
    }
    const dropped = set.dropped();
    assert.equal(dropped.size, 101);
    assert.equal(dropped.get('other'), 50);
    assert.equal(
      [...dropped.values()].reduce((sum, count) => sum + count, 0),
      150,
    );
  });

  it('counts long names that differ at the end separately, and shortens them', () => {
    const set = new ConsumerSet();
    for (const end of ['a', 'b', 'b']) set.add(stuckQueue('x'.repeat(100_000) + end));
    const names = [...set.dropped().keys()];
    assert.deepEqual(
      names.map((name) => name.length),
      [256, 256],
    );
  });

  it('no count falls and there are 101 at most while 1,000 consumers with new names come and go', () => {
    const set = new ConsumerSet();
    const queues: ConsumerQueue[] = [];
    let before = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      const queue = stuckQueue(i % 7 === 0 ? 'other' : `consumer ${i}`);
      set.add(queue);
      drop(queue, 1 + (i % 3));
      queues.push(queue);
      if (queues.length > 20) set.delete(queues.shift()!);
      const now = set.dropped();
      assert.ok(now.size <= 101, `${now.size} names`);
      for (const [name, count] of before) assert.ok((now.get(name) ?? 0) >= count, name);
      before = now;
    }
  });
});
