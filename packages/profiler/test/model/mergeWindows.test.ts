import type { Recording } from '../../src/model/Recording';
import assert from 'node:assert/strict';
import { top } from '../../src/report/top';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { closeWindow } from '../../src/collector/closeWindow';
import { mergeWindows } from '../../src/model/mergeWindows';
import { assertClose } from '../support/assertClose';
import { border, hits, node, origin, recording } from '../support/builders';

/** The `index`-th second of a process that uses half a core, in a thread that has 0.4 of it. */
function second(index: number, changes: Partial<Recording> | Error = {}): ProfileWindow {
  return closeWindow({
    origin,
    sequence: index + 1,
    start: border(index * 1_000, index / 2),
    end: border((index + 1) * 1_000, (index + 1) / 2),
    samplingIntervalMicros: 10_000,
    pauseSeconds: 0.001,
    outcome:
      changes instanceof Error
        ? changes
        : recording({ otherThreadsCpuNanos: 0.1e9, samplesTaken: 10, ...changes }),
  });
}

describe('mergeWindows', () => {
  it('adds up what its windows say', () => {
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

  it('divides the CPU of all of them by the samples of all of them', () => {
    const of = (rule: string, count: number): Partial<Recording> => ({
      root: node('(root)', [], node('work', hits(count, { rule }))),
    });
    const merged = mergeWindows([second(0, of('a', 30)), second(1, of('b', 10))]);
    const { labels } = attributeCpu(merged, 'rule');
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.6);
    assertClose(labels.get('b')?.cpuSeconds ?? NaN, 0.2);
  });

  it('adds up what the kernel counted of the thread, where it did for all', () => {
    const busy = { ...second(0), waitSeconds: 0.01, timeslices: 5, contended: false };
    const contended = { ...second(1), waitSeconds: 0.09, timeslices: 7, contended: true };
    const merged = mergeWindows([busy, contended]);
    assertClose(merged.waitSeconds ?? NaN, 0.1);
    assert.equal(merged.timeslices, 12);
    // The thread waited for 0.1 s and used 0.8 s.
    assert.equal(merged.contended, true);
    assert.equal(mergeWindows([busy, busy, contended]).contended, false);
    assert.equal(mergeWindows([busy, second(1)]).waitSeconds, undefined);
  });

  it('has the quality of all samples together', () => {
    const of = (quality: number | undefined, samplingIntervalMicros: number) => ({
      ...second(0),
      quality,
      samplingIntervalMicros,
    });
    // Of 40, 80 and an unknown number of samples.
    const { quality = NaN } = mergeWindows([of(1, 10_000), of(0.7, 5_000), of(undefined, 10_000)]);
    assertClose(quality, 0.8);
    assert.equal(mergeWindows([of(undefined, 10_000), of(undefined, 10_000)]).quality, undefined);
  });

  it('is fair if all that were sampled are', () => {
    const unfair = second(1, { fair: false });
    const failed = second(2, new Error('no sampler'));
    assert.equal(mergeWindows([second(0), failed]).fair, true);
    assert.equal(mergeWindows([second(0), unfair, failed]).fair, false);
    assert.equal(mergeWindows([failed, failed]).fair, false);
  });

  it('gives back a single one', () => {
    const only = second(0);
    assert.equal(mergeWindows([only]), only);
  });

  it('is incomplete if one is, for its reason', () => {
    const merged = mergeWindows([second(0), second(1, { overflowed: true }), second(2)]);
    assert.equal(merged.complete, false);
    assert.equal(merged.incompleteReason, 'overflow');
  });

  it('is incomplete if one failed, and keeps its CPU', () => {
    const merged = mergeWindows([second(0), second(1, new Error('no sampler'))]);
    assert.equal(merged.incompleteReason, 'failed');
    assert.equal(merged.error, undefined);
    assert.notEqual(merged.root, undefined);
    assertClose(merged.cpu.threadSeconds, 0.9);
    assertClose(attributeCpu(merged, 'rule').unlabeled.cpuSeconds, 0.9);
  });

  it('has the first error if all failed', () => {
    const error = new Error('no sampler');
    const merged = mergeWindows([second(0, error), second(1, new Error('again'))]);
    assert.equal(merged.error, error);
    assert.equal(merged.root, undefined);
    assert.throws(() => merged.profile, error);
  });

  it('samples as often as the windows that do most', () => {
    const finer = { ...second(1), samplingIntervalMicros: 1_009 } as ProfileWindow;
    assert.equal(mergeWindows([second(0), finer]).samplingIntervalMicros, 1_009);
  });

  it('divides the CPU of windows with unlike intervals each by itself', () => {
    const window = (index: number, rule: string, samplingIntervalMicros: number): ProfileWindow => {
      const root = node('(root)', [], node('work', hits(1e6 / samplingIntervalMicros, { rule })));
      return { ...second(index, { root }), samplingIntervalMicros };
    };
    const windows = [window(0, 'a', 10_000), window(1, 'b', 1_000), window(2, 'a', 10_000)];
    // However they come together: at once, or as a span gathers them.
    const [one, two, three] = windows as [ProfileWindow, ProfileWindow, ProfileWindow];
    for (const merged of [mergeWindows(windows), mergeWindows([mergeWindows([one, two]), three])]) {
      const { labels } = attributeCpu(merged, 'rule');
      assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.8);
      assertClose(labels.get('b')?.cpuSeconds ?? NaN, 0.4);
      assert.equal(merged.parts?.length, 2);
      const cpu = top(merged.profile, { sampleType: 'cpu' });
      assert.equal(Number(cpu.total), 1.5e9);
    }
  });

  it('refuses windows of several threads, and none at all', () => {
    const other = { ...second(1), origin: { ...origin, threadId: 3 } } as ProfileWindow;
    assert.throws(() => mergeWindows([second(0), other]), /threads 0 and 3/);
    assert.throws(() => mergeWindows([]), RangeError);
  });
});
