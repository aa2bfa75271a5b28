import assert from 'node:assert/strict';
import { ThreadContexts } from '../../src/datadog/ThreadContexts';

/** Monotonic time is `micros`, the epoch began 1,000,000 microseconds before that was zero. */
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

  /** Takes a sample 10 us from now. @returns its time. */
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

  it('finds the very object that was set when a sample was taken', () => {
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

  it('has the first one also before it was set, and none when none was', () => {
    const thread = new FakeThread();
    assert.equal(thread.contexts.lookup()(0), undefined);
    thread.set(a);
    thread.sample();
    thread.set(b);
    assert.equal(thread.contexts.lookup()(0), a);
  });

  it('keeps no context under which no sample was taken', () => {
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

  it('asks for the offset of the clocks only when there is a choice', () => {
    const thread = new FakeThread();
    thread.set(a);
    thread.contexts.lookup();
    assert.equal(thread.offsetsAsked, 0);
    thread.sample();
    thread.set(b);
    thread.contexts.lookup();
    assert.equal(thread.offsetsAsked, 1);
  });

  it('forgets the past, or all', () => {
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
