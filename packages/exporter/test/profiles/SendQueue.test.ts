import assert from 'node:assert/strict';
import { SendQueue } from '../../src/profiles/SendQueue';
import type { Result } from '../../src/profiles/Sender';

const TAKEN: Result = { failure: undefined, rejected: 0, remark: '', pauseMillis: 0 };
const request = (id: number): Uint8Array => Uint8Array.of(id);

/** A queue whose requests end when a test says so. */
function start(maxSize: number) {
  const sent: number[] = [];
  const pauses: { millis: number; end: () => void }[] = [];
  const pending: ((result: Result) => void)[] = [];
  const state = { dropped: 0, results: 0 };
  const queue = new SendQueue(
    maxSize,
    (body) => {
      sent.push(body[0]!);
      return new Promise((resolve) => pending.push(resolve));
    },
    { sent: () => state.results++, dropped: (count) => (state.dropped += count) },
    { wait: (millis) => new Promise((end) => pauses.push({ millis, end })) },
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (result = TAKEN): Promise<void> => {
    pending.shift()!(result);
    await turn();
  };
  return { queue, sent, pauses, state, answer, turn };
}

describe('SendQueue', () => {
  it('sends one request at a time, in order', async () => {
    const { queue, sent, answer, state } = start(10);
    for (const id of [1, 2, 3]) queue.add(request(id));
    assert.deepEqual(sent, [1]);
    await answer();
    assert.deepEqual(sent, [1, 2]);
    await answer();
    await answer();
    assert.deepEqual([sent, state.results], [[1, 2, 3], 3]);
  });

  it('drops the oldest request that waits when it is full', async () => {
    const { queue, sent, answer, state } = start(2);
    for (const id of [1, 2, 3, 4, 5]) queue.add(request(id));
    assert.equal(state.dropped, 2);
    for (let i = 0; i < 3; i++) await answer();
    assert.deepEqual(sent, [1, 4, 5]);
  });

  it('drains when all requests have ended, whatever their result', async () => {
    const { queue, answer } = start(2);
    await queue.drained();
    queue.add(request(1));
    let drained = false;
    const done = queue.drained().then(() => (drained = true));
    assert.equal(drained, false);
    await answer({ ...TAKEN, failure: 'refused' });
    await done;
    queue.add(request(2));
    await answer();
    await queue.drained();
  });

  it('pauses for as long as the server asks', async () => {
    const { queue, sent, answer, pauses, turn } = start(2);
    queue.add(request(1));
    queue.add(request(2));
    await answer({ ...TAKEN, failure: 'busy', pauseMillis: 7_000 });
    assert.equal(pauses[0]!.millis, 7_000);
    assert.deepEqual(sent, [1]);
    pauses[0]!.end();
    await turn();
    assert.deepEqual(sent, [1, 2]);
  });

  it('drops what waits when it is closed', async () => {
    const { queue, sent, answer, state } = start(5);
    for (const id of [1, 2, 3]) queue.add(request(id));
    queue.close();
    await answer();
    await queue.drained();
    assert.deepEqual([sent, state.dropped], [[1], 2]);
  });

  it('drops what is added after it was closed', async () => {
    const { queue, sent, state } = start(5);
    queue.close();
    queue.add(request(1));
    await queue.drained();
    assert.deepEqual([sent, state.dropped], [[], 1]);
  });
});
