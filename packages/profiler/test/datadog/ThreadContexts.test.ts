import assert from 'node:assert/strict';
import { ThreadContexts } from '../../src/datadog/ThreadContexts';

/** A thread with a fake clock: `micros` is monotonic time, and epoch time is 1,000,000 more. */
class FakeThread {
  micros = 0;
  samples = 0;
  offsetsAsked = 0;
  readonly contexts = new ThreadContexts(
    {
      monotonicMicros: () => this.micros,
      epochOffsetMicros: () => {
        this.offsetsAsked++;
        return 1_000_000;
      },
    },
    { totalSampleCount: () => this.samples },
  );

  /** Takes a sample 10 us from now and returns its epoch time. */
  sample(): number {
    this.micros += 10;
    this.samples++;
    return this.micros + 1_000_000;
  }

  set(context: object | undefined): void {
    this.micros += 10;
    this.contexts.set(context);
  }
}

describe('ThreadContexts', () => {
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

  it('finds the object that was set when a sample was taken', () => {
    const thread = new FakeThread();
    const taken: [number, object | undefined][] = [];
    for (const context of [a, b, undefined, c, a]) {
      thread.set(context);
      taken.push([thread.sample(), context], [thread.sample(), context]);
    }
    const at = thread.contexts.lookup();
    for (const [timestamp, context] of taken) assert.equal(at(timestamp), context);
    assert.equal(thread.contexts.current(), a);
  });

  it('finds the first context also for earlier samples, and undefined if no context was set', () => {
    const thread = new FakeThread();
    assert.equal(thread.contexts.lookup()(0), undefined);
    thread.set(a);
    thread.sample();
    thread.set(b);
    assert.equal(thread.contexts.lookup()(0), a);
  });

  it('drops contexts without samples', () => {
    const thread = new FakeThread();
    thread.set(a);
    const first = thread.sample();
    for (let i = 0; i < 1_000; i++) thread.set({ i });
    thread.set(b);
    const second = thread.sample();
    const at = thread.contexts.lookup();
    assert.equal(at(first), a);
    assert.equal(at(first + 5), a);
    assert.equal(at(second), b);
  });

  it('reads the offset of the clocks only if there are several contexts', () => {
    const thread = new FakeThread();
    thread.set(a);
    thread.contexts.lookup();
    assert.equal(thread.offsetsAsked, 0);
    thread.sample();
    thread.set(b);
    thread.contexts.lookup();
    assert.equal(thread.offsetsAsked, 1);
  });

  it('forgets past contexts, or all contexts', () => {
    const thread = new FakeThread();
    thread.set(a);
    const first = thread.sample();
    thread.set(b);
    thread.contexts.forgetPast();
    assert.equal(thread.contexts.lookup()(first), b);
    assert.equal(thread.contexts.current(), b);
    thread.contexts.clear();
    assert.equal(thread.contexts.current(), undefined);
  });
});
