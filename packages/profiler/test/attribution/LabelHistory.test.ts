import assert from 'node:assert/strict';
import { LabelHistory } from '../../src/attribution/LabelHistory';
import {
  type CpuAttribution,
  type CpuShare,
  type LabelCpuShare,
  attributeCpu,
} from '../../src/attribution/attributeCpu';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { assertClose } from '../support/assertClose';
import { hits, node, recording, windowOf } from '../support/builders';

const NOTHING = { cpuSeconds: 0, hits: 0, standardErrorSeconds: 0 };

/** Returns an attribution of `seconds` by label value. Half of each error is systematic. */
function attribution(seconds: Record<string, number>): CpuAttribution {
  const gc = { gcCpuSeconds: 0, impliedGcCpuSeconds: 0 };
  return {
    labels: new Map(
      Object.entries(seconds).map(([value, cpu]) => [value, { ...share(cpu), ...gc }]),
    ),
    unlabeled: share(0.5),
    gc: NOTHING,
    runtime: NOTHING,
    otherThreads: { cpuSeconds: 0 },
    totalSeconds: 2,
    systematicShare: 0.03,
  };
}

/** Random error 4 %, systematic error 3 %, together 5 %. */
function share(cpuSeconds: number): CpuShare {
  return { cpuSeconds, hits: cpuSeconds * 100, standardErrorSeconds: cpuSeconds * 0.05 };
}

/** Returns a window without samples. */
function window(seconds: number, threadId = 0): ProfileWindow {
  const { origin, ...rest } = windowOf(recording());
  return { ...rest, origin: { ...origin, threadId }, durationMillis: seconds * 1000 };
}

/** Returns the CPU by value, rounded to milliseconds. */
function cpuOf(history: LabelHistory, seconds: number, maxValues = 100): [string, number][] {
  const { labels } = history.over(seconds, maxValues);
  return labels.map(([value, { cpuSeconds }]) => [value, Math.round(cpuSeconds * 1000) / 1000]);
}

describe('LabelHistory', () => {
  it('sums the newest windows that cover the seconds asked for', () => {
    const history = new LabelHistory(0, 60, 100);
    assert.ok(history.isEmpty);
    history.add(window(4.999), attribution({ a: 1 }));
    history.add(window(5.001), attribution({ a: 2, b: 3 }));
    history.add(window(4.999), attribution({ b: 4 }));
    assert.ok(!history.isEmpty);
    assert.deepEqual(cpuOf(history, 5), [['b', 4]]);
    assert.deepEqual(cpuOf(history, 10), [
      ['b', 7],
      ['a', 2],
    ]);
    assert.deepEqual(cpuOf(history, 6), cpuOf(history, 10));
    const all = history.over(60, 100);
    assertClose(all.seconds, 14.999);
    assert.deepEqual([all.processCpuSeconds, all.unlabeled.cpuSeconds], [6, 1.5]);
    assert.equal(all.labels[0]?.[1].hits, 700);
    assert.equal(all.endTime, window(1).endTime);
  });

  it('ends with the newest window, also when the wall clock was set back before it', () => {
    const history = new LabelHistory(0, 60, 100);
    const end = window(5).endTime;
    for (const endTime of [end + 3_600_000, end]) {
      history.add({ ...window(5), endTime }, attribution({ a: 1 }));
    }
    assert.equal(history.over(60, 1).endTime, end);
  });

  it('adds random errors in squares and systematic errors as they are', () => {
    for (const seconds of [5, 0.1]) {
      const history = new LabelHistory(0, 60, 100);
      for (let i = 0; i < 4; i++) history.add(window(seconds), attribution({ a: 1 }));
      const [[, { standardErrorSeconds }]] = history.over(60, 1).labels as [[string, CpuShare]];
      assertClose(standardErrorSeconds, Math.hypot(0.04 * 2, 0.03 * 4));
    }
  });

  it('has the error of the window itself for one window', () => {
    const root = node('(root)', [], node('f', [...hits(30, { rule: 'a' }), ...hits(70)]));
    const attributed = attributeCpu(windowOf(recording({ root })), 'rule');
    const history = new LabelHistory(0, 60, 100);
    history.add(window(5), attributed);
    const expected = attributed.labels.get('a')?.standardErrorSeconds ?? NaN;
    assertClose(history.over(5, 1).labels[0]?.[1].standardErrorSeconds ?? NaN, expected);
  });

  it('forgets windows that are older than its length', () => {
    const history = new LabelHistory(0, 20, 100);
    for (let i = 0; i < 100; i++) history.add(window(5), attribution({ [`v${i}`]: 1 }));
    const { labels, seconds } = history.over(1_000, 100);
    assert.deepEqual(labels.map(([value]) => value).sort(), ['v95', 'v96', 'v97', 'v98', 'v99']);
    assert.equal(seconds, 25);
  });

  it('puts short windows together', () => {
    const history = new LabelHistory(0, 20, 100);
    for (let i = 0; i < 1_000; i++) history.add(window(0.1), attribution({ a: 0.01 }));
    const { seconds } = history.over(1_000, 100);
    assert.ok(seconds >= 20 && seconds <= 29, `${seconds}`);
    const newest = history.over(4, 1);
    assertClose(newest.labels[0]?.[1].cpuSeconds ?? NaN, newest.seconds / 10);
  });

  it('counts windows of workers as CPU, not as time', () => {
    const history = new LabelHistory(0, 60, 100);
    history.add(window(5, 7), attribution({ early: 1 }));
    assert.ok(history.isEmpty);
    history.add(window(5), attribution({ a: 1 }));
    history.add(window(5, 7), attribution({ a: 2 }));
    const { seconds, processCpuSeconds } = history.over(60, 100);
    assert.deepEqual([seconds, processCpuSeconds], [5, 2]);
    assert.deepEqual(cpuOf(history, 60), [
      ['a', 3],
      ['early', 1],
    ]);
  });

  it('lists the values with the most CPU, and adds the others up', () => {
    const history = new LabelHistory(0, 60, 100);
    history.add(window(5), attribution({ a: 1, b: 4, c: 2, d: 3 }));
    const { labels, otherLabels } = history.over(60, 2);
    assert.deepEqual(
      labels.map(([value]) => value),
      ['b', 'd'],
    );
    assert.deepEqual([otherLabels.cpuSeconds, otherLabels.hits], [3, 300]);
    assert.equal(history.over(60, 4).otherLabels.cpuSeconds, 0, 'reading changed the history');
  });

  it('is bounded for a million values and loses no CPU', () => {
    const history = new LabelHistory(0, 60, 50);
    const { labels: shares, ...rest } = attribution({ small: 0.001, busy: 0.1 });
    const [small, busy] = [...shares.values()] as [LabelCpuShare, LabelCpuShare];
    const newest = window(5);
    for (let i = 0; i < 1_000; i++) {
      const values = new Map([['busy', busy]]);
      for (let k = 0; k < 1_000; k++) values.set(`${i}/${k}`, small);
      history.add(newest, { ...rest, labels: values });
    }
    const { labels, otherLabels } = history.over(60, 10_000);
    // 60 s are 12 windows. The history may also have one that is older.
    assert.ok(labels.length <= 13 * 50, `${labels.length}`);
    assert.equal(labels[0]?.[0], 'busy');
    assertClose(labels[0]?.[1].cpuSeconds ?? NaN, 1.2);
    const sum = labels.reduce((cpu, [, each]) => cpu + each.cpuSeconds, otherLabels.cpuSeconds);
    assertClose(sum, 12 * 1.1);
  });
});
