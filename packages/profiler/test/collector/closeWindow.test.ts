import type { Recording } from '../../src/model/Recording';
import assert from 'node:assert/strict';
import { closeWindow } from '../../src/collector/closeWindow';
import { assertClose } from '../support/assertClose';
import { readingAt, hits, node, origin, recording, windowOf } from '../support/builders';

/** Returns a node with `count` samples that each used `nanos` of CPU. */
function costly(name: string, count: number, nanos: number, ...children: Recording['root'][]) {
  const plain = node(name, hits(count), ...children);
  return { ...plain, contexts: (plain.contexts ?? []).map((s) => ({ ...s, cpuTime: nanos })) };
}

describe('closeWindow', () => {
  it('takes its times and its duration from the two clock readings', () => {
    const window = closeWindow({
      origin,
      sequence: 7,
      start: { epochMillis: 5_000, monotonicMillis: 100, processCpuSeconds: 1 },
      // The wall clock was set back by 90 ms within the window.
      end: { epochMillis: 5_910, monotonicMillis: 1_100, processCpuSeconds: 1.5 },
      samplingIntervalMicros: 10_101,
      pauseSeconds: 0.004,
      outcome: recording({ samplesTaken: 99 }),
    });
    assert.equal(window.sequence, 7);
    assert.equal(window.startTime, 5_000);
    assert.equal(window.endTime, 5_910);
    assert.equal(window.endMonotonicMillis, 1_100);
    assert.equal(window.durationMillis, 1_000);
    assert.equal(window.samplingIntervalMicros, 10_101);
    assert.equal(window.pauseSeconds, 0.004);
    assert.equal(window.samples.taken, 99);
  });

  for (const jump of [3_600_000, -3_600_000]) {
    it(`has both times by the new setting of a wall clock that was set by ${jump} ms`, () => {
      const window = closeWindow({
        origin,
        sequence: 1,
        start: readingAt(2_000, 1),
        end: { ...readingAt(3_500, 2), epochMillis: readingAt(3_500, 0).epochMillis + jump },
        samplingIntervalMicros: 10_101,
        pauseSeconds: 0,
        outcome: recording(),
      });
      assert.equal(window.endTime, readingAt(3_500, 0).epochMillis + jump);
      assert.equal(window.endTime - window.startTime, 1_500);
      assert.equal(window.durationMillis, 1_500);
    });
  }

  it('divides the CPU of the process between the sampled thread and the others', () => {
    const { cpu } = windowOf(recording({ otherThreadsCpuNanos: 250e6 }), 1);
    assertClose(cpu.processSeconds, 1);
    assertClose(cpu.threadSeconds, 0.75);
    assertClose(cpu.otherThreadsSeconds, 0.25);
  });

  it('never gives other threads more than the process used', () => {
    const { cpu } = windowOf(recording({ otherThreadsCpuNanos: 3e9 }), 1);
    assertClose(cpu.otherThreadsSeconds, 1);
    assertClose(cpu.threadSeconds, 0);
  });

  it('takes the CPU of a worker from its samples', () => {
    const root = costly('(root)', 0, 0, costly('f', 2, 100e6, costly('g', 1, 50e6)), node('h'));
    const { cpu } = windowOf(recording({ root, otherThreadsCpuNanos: undefined }), 1);
    assertClose(cpu.threadSeconds, 0.25);
    assertClose(cpu.otherThreadsSeconds, 0.75);
  });

  it('never gives a worker more than the process used', () => {
    const root = costly('f', 20, 100e6);
    const { cpu } = windowOf(recording({ root, otherThreadsCpuNanos: undefined }), 1);
    assertClose(cpu.threadSeconds, 1);
    assertClose(cpu.otherThreadsSeconds, 0);
  });

  it('never has negative CPU, even if the clock of the kernel steps back', () => {
    const { cpu } = windowOf(recording(), -0.01);
    assert.deepEqual({ ...cpu }, { processSeconds: 0, threadSeconds: 0, otherThreadsSeconds: 0 });
  });

  it('reports what the kernel counted for the thread', () => {
    const thread = { cpuSeconds: 0.5, waitSeconds: 0.02, timeslices: 40 };
    const window = windowOf(recording(), 1, thread);
    assertClose(window.cpu.threadSeconds, 0.5);
    assertClose(window.waitSeconds ?? NaN, 0.02);
    assert.equal(window.timeslices, 40);
    assert.equal(windowOf(recording()).waitSeconds, undefined);
    assert.equal(windowOf(recording()).timeslices, undefined);
  });

  it('is contended if the thread waited for a processor for more than a tenth of its CPU time', () => {
    const contended = (waitSeconds?: number) =>
      windowOf(recording(), 1, { cpuSeconds: 0.5, ...(waitSeconds && { waitSeconds }) }).contended;
    assert.deepEqual([contended(0.049), contended(0.051), contended()], [false, true, false]);
  });

  it('is not contended if the thread waited for less than one sampling interval', () => {
    const contended = (waitSeconds: number) =>
      windowOf(recording(), 1, { cpuSeconds: 0.02, waitSeconds }).contended;
    assert.deepEqual([contended(0.009), contended(0.011)], [false, true]);
  });

  it('has as its quality the hits divided by the hits expected from the CPU time', () => {
    const root = node('(root)', [], node('f', hits(60)), node('(idle)', hits(50)));
    const quality = (cpuSeconds: number, timeslices = 0) =>
      windowOf(recording({ root }), 1, { cpuSeconds, timeslices }).quality;
    assertClose(quality(0.8) ?? NaN, 0.75);
    // 2,000 wake-ups account for 0.05 s of the CPU.
    assertClose(quality(0.8, 2_000) ?? NaN, 0.8);
  });

  it('has no quality if there is too little CPU or if samples are missing', () => {
    const root = node('(root)', [], node('f', hits(60)));
    assert.notEqual(windowOf(recording({ root }), 1, { cpuSeconds: 0.51 }).quality, undefined);
    assert.equal(windowOf(recording({ root }), 1, { cpuSeconds: 0.49 }).quality, undefined);
    const full = recording({ root, overflowed: true });
    assert.equal(windowOf(full, 1, { cpuSeconds: 0.8 }).quality, undefined);
    assert.equal(windowOf(new Error('no sampler')).quality, undefined);
  });

  it('is fair if its recording is fair; a failed window is not fair', () => {
    assert.equal(windowOf(recording()).fair, true);
    assert.equal(windowOf(recording({ fair: false })).fair, false);
    assert.equal(windowOf(new Error('no sampler')).fair, false);
  });

  it('is complete and has no lost samples if the sampler worked', () => {
    // One second can have 100 samples. An idle thread may be sampled less often.
    const window = windowOf(recording({ samplesTaken: 3 }), 0.1);
    assert.equal(window.complete, true);
    assert.equal(window.incompleteReason, undefined);
    assert.deepEqual({ ...window.samples }, { taken: 3, lost: 0 });
    assert.equal(window.error, undefined);
  });

  for (const [trouble, reason] of [
    ['overflowed', 'overflow'],
    ['stuck', 'stuck'],
  ] as const) {
    it(`is incomplete and counts the missing samples if the sampler reports ${trouble}`, () => {
      const window = windowOf(recording({ samplesTaken: 30, [trouble]: true }));
      assert.equal(window.complete, false);
      assert.equal(window.incompleteReason, reason);
      assert.deepEqual({ ...window.samples }, { taken: 30, lost: 70 });
    });
  }

  it('is incomplete if the thread used CPU and less than a quarter of its samples arrived', () => {
    const window = (samplesTaken: number, cpuSeconds: number, timeslices = 0) =>
      windowOf(recording({ samplesTaken }), 1, { cpuSeconds, timeslices });
    assert.equal(window(12, 0.5).incompleteReason, 'stuck');
    assert.deepEqual({ ...window(12, 0.5).samples }, { taken: 12, lost: 38 });
    assert.equal(window(13, 0.5).complete, true);
    // Less CPU can be without samples by chance.
    assert.equal(window(0, 0.2).complete, false);
    assert.equal(window(0, 0.19).complete, true);
    // 14,000 wake-ups account for 0.35 s of the CPU, and nobody expects samples for them.
    assert.equal(window(0, 0.5, 14_000).complete, true);
  });

  for (const [plannedMillis, durationMillis, reason] of [
    [1_000, 1_250, undefined],
    [1_000, 1_251, 'stall'],
    [5_000, 5_500, undefined],
    [5_000, 5_501, 'stall'],
    [5_000, 20, undefined],
    [undefined, 60_000, undefined],
  ] as const) {
    it(`lasting ${durationMillis} ms instead of ${plannedMillis}: ${reason ?? 'complete'}`, () => {
      const window = closeWindow({
        origin,
        sequence: 1,
        start: readingAt(0, 1),
        end: readingAt(durationMillis, 2),
        plannedMillis,
        samplingIntervalMicros: 10_000,
        pauseSeconds: 0,
        outcome: recording(),
      });
      assert.equal(window.incompleteReason, reason);
      assert.equal(window.complete, reason === undefined);
    });
  }

  it('names the trouble of the sampler as the reason, even if there was a stall too', () => {
    for (const trouble of ['overflowed', 'stuck'] as const) {
      const window = closeWindow({
        origin,
        sequence: 1,
        start: readingAt(0, 1),
        end: readingAt(60_000, 2),
        plannedMillis: 5_000,
        samplingIntervalMicros: 10_000,
        pauseSeconds: 0,
        outcome: recording({ [trouble]: true }),
      });
      assert.notEqual(window.incompleteReason, 'stall');
    }
  });

  it('never has a negative number of lost samples', () => {
    const window = windowOf(recording({ samplesTaken: 130, overflowed: true }));
    assert.equal(window.samples.lost, 0);
    assert.equal(window.complete, false);
  });

  it('has the error, the CPU of the process and no samples if it failed', () => {
    const error = new Error('no sampler');
    const window = windowOf(error, 0.4);
    assert.deepEqual(window.error, {
      name: 'Error',
      message: 'no sampler',
      stack: error.stack,
    });
    assert.equal(window.complete, false);
    assert.equal(window.incompleteReason, undefined);
    assert.equal(window.root, undefined);
    assertClose(window.cpu.processSeconds, 0.4);
    assertClose(window.cpu.threadSeconds, 0.4);
    assert.equal(window.cpu.otherThreadsSeconds, 0);
    assert.deepEqual({ ...window.samples }, { taken: 0, lost: 0 });
    assert.equal(window.durationMillis, 1_000);
  });

  it('ends where the next window begins, with no CPU in between', () => {
    const [first, second, third] = [readingAt(0, 1), readingAt(700, 1.5), readingAt(900, 1.7)];
    const parts = {
      origin,
      samplingIntervalMicros: 10_000,
      pauseSeconds: 0,
      outcome: recording(),
    };
    const one = closeWindow({ ...parts, sequence: 1, start: first, end: second });
    const two = closeWindow({ ...parts, sequence: 2, start: second, end: third });
    assert.equal(one.endTime, two.startTime);
    assertClose(one.cpu.processSeconds + two.cpu.processSeconds, 0.7);
  });
});
