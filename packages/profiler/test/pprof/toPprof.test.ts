import assert from 'node:assert/strict';
import { Profile } from 'pprof-format';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import type { Recording } from '../../src/model/Recording';
import { toPprof } from '../../src/pprof/toPprof';
import { assertClose } from '../support/assertClose';
import { type SampleSpec, hits, node, recording, rootOf, windowOf } from '../support/builders';

/** A sample of a decoded profile, with names instead of ids. */
interface ReadSample {
  readonly stack: string[];
  readonly labels: Record<string, string>;
  readonly count: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

function read(profile: Pick<Profile, 'encode'>): {
  samples: ReadSample[];
  text: (index: unknown) => string;
} {
  const { stringTable, location, function: functions, sample } = Profile.decode(profile.encode());
  const text = (index: unknown): string => stringTable.strings[Number(index)] ?? '?';
  const nameOf = (id: unknown): string => {
    const found = location.find((each) => Number(each.id) === Number(id));
    const functionId = Number(found?.line[0]?.functionId);
    return text(functions.find((each) => Number(each.id) === functionId)?.name);
  };
  const samples = sample.map(({ locationId, label, value }) => ({
    stack: locationId.map(nameOf),
    labels: Object.fromEntries(label.map(({ key, str }) => [text(key), text(str)])),
    count: Number(value[0]),
    wallSeconds: Number(value[1]) / 1e9,
    cpuSeconds: Number(value[2]) / 1e9,
  }));
  return { samples, text };
}

const samplesOf = (outcome: Recording, processSeconds?: number): ReadSample[] =>
  read(toPprof(windowOf(outcome, processSeconds))).samples;

const total = (samples: ReadSample[], key: 'count' | 'wallSeconds' | 'cpuSeconds'): number =>
  samples.reduce((sum, sample) => sum + sample[key], 0);

describe('toPprof', () => {
  const root = node(
    '(root)',
    [],
    node('a', hits(2, { rule: 'x' }), node('b', [{ rule: 'x' }, { rule: 'y' }, undefined])),
    node('(idle)', hits(5)),
    node('(garbage collector)', hits(1, { rule: 'y' })),
    node('(program)', hits(2)),
  );

  it('has the header that go tool pprof shows', () => {
    const profile = toPprof(windowOf(recording({ root, samplesTaken: 13 }), 0.13));
    const { text } = read(profile);
    const types = profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
    assert.deepEqual(types, ['samples/count', 'wall/nanoseconds', 'cpu/nanoseconds']);
    assert.equal(text(profile.defaultSampleType), 'cpu');
    assert.equal(Number(profile.durationNanos), 1e9);
    assert.equal(Number(profile.timeNanos), 1_700_000_000_000 * 1e6);
    assert.equal(Number(profile.period), 10_000_000);
    assert.equal(text(profile.periodType!.type), 'cpu');
    const [mapping] = profile.mapping;
    assert.equal(text(mapping!.filename), 'program');
    assert.ok(mapping!.memoryStart > 0 && mapping!.memoryLimit > mapping!.memoryStart);
    assert.deepEqual(profile.comment.map(text), ['a test', '13 samples']);
  });

  it('has each stack with its labels once, leaf first', () => {
    const found = samplesOf(recording({ root })).map(
      ({ stack, labels, count }) => `${stack.join('<')} ${labels['rule']} ${count}`,
    );
    assert.deepEqual(found.sort(), [
      '(garbage collector) y 1',
      '(program) undefined 2',
      'a x 2',
      'b<a undefined 1',
      'b<a x 1',
      'b<a y 1',
    ]);
  });

  it('sums to the CPU of the process, and by label to the figures of attributeCpu', () => {
    const specs: SampleSpec[] = [];
    for (let i = 0; i < 60; i++) {
      const rule = ['x', 'y', 'y'][i % 3] ?? '';
      specs.push({ leaf: `f${i % 7}`, labels: { rule }, cpuMicros: i % 2 === 0 ? 9_900 : 3_000 });
      if (i % 5 === 0) specs.push({ leaf: '(idle)', cpuMicros: i % 2 === 0 ? 9_900 : 30 });
      if (i % 9 === 0) specs.push({ leaf: '(program)' });
    }
    const window = windowOf(
      recording({ root: rootOf(...specs), otherThreadsCpuNanos: 0.2e9 }),
      0.77,
    );
    const { samples } = read(toPprof(window));
    // Each of some twenty samples is rounded to a nanosecond.
    assertClose(total(samples, 'cpuSeconds'), 0.77, 1e-7);
    for (const [rule, { cpuSeconds }] of attributeCpu(window, 'rule').labels) {
      const own = samples.filter(({ labels }) => labels['rule'] === rule);
      assertClose(total(own, 'cpuSeconds'), cpuSeconds, 1e-7);
    }
    const others = samples.find(({ stack }) => stack[0] === '(other threads)');
    assertClose(others?.cpuSeconds ?? NaN, 0.2, 1e-7);
  });

  it('leaves idle samples out of wall time', () => {
    const samples = samplesOf(recording({ root }));
    // 13 samples a second, 5 of them idle.
    assertClose(total(samples, 'wallSeconds'), 8 / 13, 1e-7);
    assert.ok(samples.every(({ stack }) => stack[0] !== '(idle)'));
  });

  it('counts one sample of a long wait as the many that it stands for', () => {
    const samples = samplesOf(
      recording({
        root: rootOf({ leaf: 'f' }, { leaf: '(idle)', elapsedMicros: 976_000 }, { leaf: 'f' }),
      }),
    );
    // 2 of 100.
    assertClose(total(samples, 'wallSeconds'), 0.02, 1e-7);
  });

  it('does so when the window begins with the wait', () => {
    const specs = [{ leaf: '(idle)' }, { leaf: 'f' }, { leaf: 'f' }];
    const window = windowOf(recording({ root: rootOf(...specs) }));
    // The first sample came 0.97 s after the window began.
    const shifted = { ...window, startTime: 1_010 - 970 };
    const { samples } = read(toPprof(shifted));
    assertClose(total(samples, 'wallSeconds'), 2 / 99, 1e-7);
  });

  it('shows CPU that no sample accounts for as (unsampled)', () => {
    const samples = samplesOf(recording({ root: node('(root)'), overflowed: true }), 0.5);
    assert.deepEqual(
      samples.map(({ stack, cpuSeconds }) => [stack, cpuSeconds]),
      [[['(unsampled)'], 0.5]],
    );
  });

  it('has a comment on what an incomplete window lacks', () => {
    const window = windowOf(recording({ root, overflowed: true, samplesTaken: 13 }));
    const profile = toPprof(window);
    const { text } = read(profile);
    assert.match(text(profile.comment.at(-1)), /incomplete: overflow, about 87 samples lost/);
  });

  it('keeps functions of one name apart, and names anonymous functions by their place', () => {
    const at = (name: string, lineNumber: number, scriptName = 'file:///dir/x.js') => ({
      ...node(name, hits(1)),
      scriptName,
      lineNumber,
      columnNumber: 7,
    });
    const tree = node('(root)', [], at('f', 1), at('f', 2), at('', 3), at('f', 1, '/dir/y.js'));
    const profile = toPprof(windowOf(recording({ root: tree })));
    const { text } = read(profile);
    const functions = profile.function
      .filter(({ filename }) => text(filename) !== '')
      .map(({ name, filename, startLine }) => `${text(name)} ${text(filename)}:${startLine}`);
    assert.deepEqual(functions.sort(), [
      '(anonymous:L#3:C#7) /dir/x.js:3',
      'f /dir/x.js:1',
      'f /dir/x.js:2',
      'f /dir/y.js:1',
    ]);
  });

  it('accepts any text as a label', () => {
    const hostile = { __proto__: 'no label', ['__proto__ ']: '', 'a\nb"': '\u0000;=' };
    const tree = node('(root)', [], node('f', [hostile]));
    const [sample] = samplesOf(recording({ root: tree }));
    assert.deepEqual(sample?.labels, { '__proto__ ': '', 'a\nb"': '\u0000;=' });
  });
});
