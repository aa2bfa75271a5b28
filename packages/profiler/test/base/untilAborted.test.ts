import assert from 'node:assert/strict';
import { untilAborted } from '../../src/base/untilAborted';

describe('untilAborted', () => {
  it('settles as the promise does', async () => {
    const { signal } = new AbortController();
    assert.equal(await untilAborted(Promise.resolve(7), signal), 7);
    await assert.rejects(untilAborted(Promise.reject(new Error('no')), signal), /^Error: no$/);
  });

  it('rejects with the reason of the signal, also if it has aborted before', async () => {
    const controller = new AbortController();
    const pending = new Promise<never>(() => undefined);
    const waiting = untilAborted(pending, controller.signal);
    controller.abort(new Error('gone'));
    await assert.rejects(waiting, /gone/);
    await assert.rejects(untilAborted(pending, controller.signal), /gone/);
  });
});
