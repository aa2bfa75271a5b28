import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sum } from '../../src/base/sum';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { closeWindow } from '../../src/collector/closeWindow';
import { mergeWindows } from '../../src/model/mergeWindows';
import { timelineOf } from '../../src/model/timeline';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import type { Recording } from '../../src/model/Recording';
import { toPprof } from '../../src/pprof/toPprof';
import { top } from '../../src/report/top';
import { assertClose } from '../support/assertClose';
import { readingAt, hits, node, origin, recording } from '../support/builders';
import { type FlatSample, consecutiveWindows, samplesIn } from '../support/randomWindows';

/**
 * Returns the window of second `index` of a process that uses half a core. The sampled thread uses
 * 0.4 of a core.
 */
function second(index: number, changes: Partial<Recording> | Error = {}): ProfileWindow {
  return closeWindow({
    origin,
    sequence: index + 1,
    start: readingAt(index * 1_000, index / 2),
    end: readingAt((index + 1) * 1_000, (index + 1) / 2),
    samplingIntervalMicros: 10_000,
    pauseSeconds: 0.001,
    outcome:
      changes instanceof Error
        ? changes
        : recording({ otherThreadsCpuNanos: 0.1e9, samplesTaken: 10, ...changes }),
  });
}

describe('mergeWindows', () => {
  it('adds up the figures of the windows', () => {
    const merged = mergeWindows([second(0), second(1), second(2)]);
    assert.equal(merged.sequence, 3);
    assert.equal(merged.startTime, second(0).startTime);
    assert.equal(merged.endTime, second(2).endTime);
    assert.equal(merged.durationMillis, 3_000);
    assertClose(merged.cpu.processSeconds, 1.5);
    assertClose(merged.cpu.threadSeconds, 1.2);
    assertClose(merged.cpu.otherThreadsSeconds, 0.3);
    assertClose(merged.pauseSeconds, 0.003);
    assert.deepEqual({ ...merged.samples }, { taken: 30, lost: 0 });
    assert.equal(merged.complete, true);
    assert.equal(merged.incompleteReason, undefined);
    assert.equal(merged.error, undefined);
    assert.ok(Object.isFrozen(merged));
  });

  for (const jump of [3_600_000, -3_600_000]) {
    it(`moves samples to the last setting of a wall clock that was set by ${jump} ms`, () => {
      const { epochMillis } = readingAt(0, 0);
      /** Samples in the middle of the window. The sampler stamps them by its wall clock. */
      const window = (index: number, set: number): ProfileWindow => {
        const [leaf] = node('work', hits(2)).contexts!;
        const timestamp = (epochMillis + set + index * 1_000 + 500) * 1_000;
        const work = { ...node('work', hits(1)), contexts: [{ ...leaf!, timestamp }] };
        const plain = second(index, { root: node('(root)', [], work) });
        return { ...plain, startTime: plain.startTime + set, endTime: plain.endTime + set };
      };
      const windows = [window(0, 0), window(1, 0), window(2, jump), window(3, jump)];
      const before = JSON.stringify(windows);
      for (const merged of [
        mergeWindows(windows),
        mergeWindows([mergeWindows(windows.slice(0, 3)), windows[3]!]),
      ]) {
        assert.equal(merged.startTime, epochMillis + jump);
        assert.equal(merged.endTime, epochMillis + jump + 4_000);
        assert.equal(merged.endMonotonicMillis, 4_000);
        const times = timelineOf(merged.root!).map(({ record }) => record.timestamp / 1_000);
        assert.deepEqual(
          times.map((millis) => millis - merged.startTime),
          [500, 1_500, 2_500, 3_500],
        );
      }
      assert.equal(JSON.stringify(windows), before, 'the windows stay as they are');
    });
  }

  it('divides the CPU of all windows by the samples of all windows', () => {
    const of = (rule: string, count: number): Partial<Recording> => ({
      root: node('(root)', [], node('work', hits(count, { rule }))),
    });
    const merged = mergeWindows([second(0, of('a', 30)), second(1, of('b', 10))]);
    const { labels } = attributeCpu(merged, 'rule');
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.6);
    assertClose(labels.get('b')?.cpuSeconds ?? NaN, 0.2);
  });

  it('adds up the kernel counters of the thread if all windows have them', () => {
    const busy = { ...second(0), waitSeconds: 0.01, timeslices: 5, contended: false };
    const contended = { ...second(1), waitSeconds: 0.09, timeslices: 7, contended: true };
    const merged = mergeWindows([busy, contended]);
    assertClose(merged.waitSeconds ?? NaN, 0.1);
    assert.equal(merged.timeslices, 12);
    // The thread waited for 0.1 s and used 0.8 s of CPU.
    assert.equal(merged.contended, true);
    assert.equal(mergeWindows([busy, busy, contended]).contended, false);
    assert.equal(mergeWindows([busy, second(1)]).waitSeconds, undefined);
  });

  it('has the mean quality, weighted by expected samples', () => {
    const of = (quality: number | undefined, samplingIntervalMicros: number) => ({
      ...second(0),
      quality,
      samplingIntervalMicros,
    });
    // The expected numbers of samples are 40, 80 and unknown.
    const { quality = NaN } = mergeWindows([of(1, 10_000), of(0.7, 5_000), of(undefined, 10_000)]);
    assertClose(quality, 0.8);
    assert.equal(mergeWindows([of(undefined, 10_000), of(undefined, 10_000)]).quality, undefined);
  });

  it('is fair if all sampled windows are fair', () => {
    const unfair = second(1, { fair: false });
    const failed = second(2, new Error('no sampler'));
    assert.equal(mergeWindows([second(0), failed]).fair, true);
    assert.equal(mergeWindows([second(0), unfair, failed]).fair, false);
    assert.equal(mergeWindows([failed, failed]).fair, false);
  });

  it('returns a single window unchanged', () => {
    const only = second(0);
    assert.equal(mergeWindows([only]), only);
  });

  it('is incomplete if one window is, and has the reason of that window', () => {
    const merged = mergeWindows([second(0), second(1, { overflowed: true }), second(2)]);
    assert.equal(merged.complete, false);
    assert.equal(merged.incompleteReason, 'overflow');
  });

  it('is incomplete if one window failed, and includes its CPU', () => {
    const merged = mergeWindows([second(0), second(1, new Error('no sampler'))]);
    assert.equal(merged.incompleteReason, 'failed');
    assert.equal(merged.error, undefined);
    assert.notEqual(merged.root, undefined);
    assertClose(merged.cpu.threadSeconds, 0.9);
    assertClose(attributeCpu(merged, 'rule').unlabeled.cpuSeconds, 0.9);
  });

  it('has the first error if all windows failed', () => {
    const error = new Error('no sampler');
    const merged = mergeWindows([second(0, error), second(1, new Error('again'))]);
    assert.equal(merged.error?.message, 'no sampler');
    assert.equal(merged.root, undefined);
    assert.throws(() => toPprof(merged), {
      name: 'Error',
      message: 'no sampler',
      stack: error.stack,
    });
  });

  it('has the shortest sampling interval of the windows', () => {
    const finer = { ...second(1), samplingIntervalMicros: 1_009 } as ProfileWindow;
    assert.equal(mergeWindows([second(0), finer]).samplingIntervalMicros, 1_009);
    assert.equal(mergeWindows([finer, second(2)]).samplingIntervalMicros, 1_009);
  });

  it('divides CPU separately for each sampling interval', () => {
    const window = (index: number, rule: string, samplingIntervalMicros: number): ProfileWindow => {
      const root = node('(root)', [], node('work', hits(1e6 / samplingIntervalMicros, { rule })));
      return { ...second(index, { root }), samplingIntervalMicros };
    };
    const windows = [window(0, 'a', 10_000), window(1, 'b', 1_000), window(2, 'a', 10_000)];
    // The result is the same if the windows are merged at once or step by step.
    const [one, two, three] = windows as [ProfileWindow, ProfileWindow, ProfileWindow];
    for (const merged of [mergeWindows(windows), mergeWindows([mergeWindows([one, two]), three])]) {
      const { labels } = attributeCpu(merged, 'rule');
      assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.8);
      assertClose(labels.get('b')?.cpuSeconds ?? NaN, 0.4);
      assert.equal(merged.parts?.length, 2);
      const cpu = top(toPprof(merged), { sampleType: 'cpu' });
      assert.equal(Number(cpu.total), 1.5e9);
    }
  });

  it('has the samples of all windows, each at its stack, in the whole and in its part', () => {
    const flat = (windows: readonly ProfileWindow[]): FlatSample[] =>
      windows
        .flatMap(({ root }) => (root === undefined ? [] : samplesIn(root)))
        .sort((a, b) => a.record.timestamp - b.record.timestamp);
    fc.assert(
      fc.property(consecutiveWindows(), (windows) => {
        const merged = mergeWindows(windows);
        assert.deepEqual(flat([merged]), flat(windows));
        for (const part of merged.parts ?? [merged]) {
          const own = windows.filter(
            ({ samplingIntervalMicros, complete, root }) =>
              samplingIntervalMicros === part.samplingIntervalMicros &&
              complete === part.complete &&
              (root === undefined) === (part.root === undefined),
          );
          assert.deepEqual(flat([part]), flat(own));
          assert.equal(
            part.samples.taken,
            sum(own, ({ samples }) => samples.taken),
          );
          assert.equal(
            part.cpu.threadSeconds,
            sum(own, ({ cpu }) => cpu.threadSeconds),
          );
        }
        const steps = windows.slice(1).reduce((a, b) => mergeWindows([a, b]), windows[0]!);
        assert.deepEqual(flat(steps.parts ?? [steps]), flat(merged.parts ?? [merged]));
      }),
    );
  });

  it('refuses windows of several threads, and an empty array', () => {
    const other = { ...second(1), origin: { ...origin, threadId: 3 } } as ProfileWindow;
    assert.throws(() => mergeWindows([second(0), other]), /threads 0 and 3/);
    assert.throws(() => mergeWindows([]), RangeError);
  });
});
