import assert from 'node:assert/strict';
import { countHits } from '../../src/attribution/countHits';
import { type Evidence, type Hit, gatherEvidence } from '../../src/attribution/gatherEvidence';
import { timelineOf } from '../../src/attribution/timelineOf';
import { assertClose } from '../support/assertClose';
import { type SampleSpec, rootOf } from '../support/builders';

const a = { rule: 'a' };

function gather(...samples: SampleSpec[]): Evidence {
  return gatherEvidence(timelineOf(rootOf(...samples), 10_000));
}

/** Hits as [label `a`, unlabelled, gc, runtime]. */
function counted(hits: readonly Hit[]): number[] {
  const { labels, unlabelled, gc, runtime, total } = countHits(hits, 'rule');
  const mine = labels.get('a')?.hits ?? 0;
  assert.equal(total, mine + unlabelled + gc + runtime);
  return [mine, unlabelled, gc, runtime];
}

const times = (count: number, sample: SampleSpec): SampleSpec[] =>
  Array<SampleSpec>(count).fill(sample);

/** Half a stretch of CPU. */
const part = { leaf: 'f', labels: a, cpuMicros: 5_000 };
/** A stretch without a pause. */
const busy = { leaf: 'f', labels: a, cpuMicros: 9_900 };

describe('gatherEvidence', () => {
  it('tells stretches in which the thread ran all the time from others', () => {
    const evidence = gather(
      busy,
      part,
      { ...busy, cpuMicros: 8_900 },
      { ...busy, cpuMicros: 9_100 },
    );
    assert.deepEqual(counted(evidence.busy.hits), [2, 0, 0, 0]);
    assert.deepEqual(counted(evidence.partial), [2, 0, 0, 0]);
    assertClose(evidence.busy.cpuSeconds, 0.019);
    assertClose(evidence.cpuSeconds, 0.0329);
  });

  it('counts the CPU of a stretch with several samples once', () => {
    const evidence = gather({ leaf: '(program)' }, { leaf: 'f', labels: a, cpuMicros: 19_000 });
    assert.deepEqual(counted(evidence.busy.hits), [1, 0, 0, 1]);
    assertClose(evidence.busy.cpuSeconds, 0.019);
    assertClose(evidence.cpuSeconds, 0.019);
  });

  it('sorts hits by what was running', () => {
    const gc = '(garbage collector)';
    const evidence = gather(
      part,
      { leaf: 'f' },
      { leaf: gc, labels: a },
      { leaf: gc },
      { leaf: '(program)' },
    );
    assert.deepEqual(counted(evidence.partial), [2, 1, 1, 1]);
    assert.deepEqual(countHits(evidence.partial, 'rule').labels.get('a'), { hits: 2, gcHits: 1 });
  });

  it('counts (program) as runtime also inside a label', () => {
    assert.deepEqual(counted(gather({ leaf: '(program)', labels: a }).partial), [0, 0, 0, 1]);
  });

  it('takes nothing from the prototype of a label set for a label', () => {
    const { partial } = gather({ leaf: 'f', labels: a });
    assert.equal(countHits(partial, 'toString').unlabelled, 1);
  });

  it('calls an idle sample of a thread that never waited the event loop', () => {
    const idle = { leaf: '(idle)', cpuMicros: 9_900 };
    assert.deepEqual(counted(gather(busy, idle, busy).busy.hits), [2, 0, 0, 1]);
  });

  it('does not, if it came late: it was held up until the thread went idle', () => {
    const late = { leaf: '(idle)', elapsedMicros: 11_000, cpuMicros: 10_900 };
    const evidence = gather(busy, busy, late, busy);
    assert.deepEqual(counted(evidence.busy.hits), [3, 0, 0, 0]);
    assertClose(evidence.busy.cpuSeconds, 0.0406);
  });

  it('does not, if the thread waited afterwards: a burst filled the stretch by chance', () => {
    const idle = (cpuMicros: number) => ({ leaf: '(idle)', cpuMicros });
    const evidence = gather(part, idle(9_900), idle(20), part);
    assert.deepEqual(counted(evidence.busy.hits), [0, 0, 0, 0]);
    assert.deepEqual(counted(evidence.partial), [2, 0, 0, 0]);
    assert.equal(evidence.busy.cpuSeconds, 0);
  });

  it('leaves late hits out of stretches with pauses: they speak for long bursts alone', () => {
    const late = { ...part, elapsedMicros: 10_400 };
    assert.deepEqual(
      counted(gather(...times(4, part), { ...late, labels: {} }).partial),
      [4, 0, 0, 0],
    );
    // In time is what comes no more than 300 microseconds after most.
    assert.deepEqual(
      counted(gather(...times(4, part), { ...late, elapsedMicros: 10_300 }).partial),
      [5, 0, 0, 0],
    );
  });

  it('keeps late hits where hardly any came in time', () => {
    const idle = { leaf: '(idle)', cpuMicros: 20 };
    const late = { ...part, elapsedMicros: 12_000 };
    assert.deepEqual(
      counted(gather(...times(9, idle), part, ...times(3, late)).partial),
      [1, 0, 0, 0],
    );
    assert.deepEqual(
      counted(gather(...times(9, idle), part, ...times(4, late)).partial),
      [5, 0, 0, 0],
    );
  });

  it('leaves out hits in a call that was blocked', () => {
    const still = { leaf: 'readSync', labels: a, cpuMicros: 20 };
    assert.deepEqual(counted(gather(part, { leaf: 'g' }, still, still).partial), [1, 1, 0, 0]);
  });

  it('finds what sampling costs where the thread waited and did nothing else', () => {
    const idle = (cpuMicros: number): SampleSpec => ({ leaf: '(idle)', cpuMicros });
    const burstsBetween = [idle(2_000), idle(3_000), idle(20), idle(20)];
    assertClose(gather(...burstsBetween).idleCpuSeconds, 4 * 20e-6);
  });

  it('takes no more than 50 microseconds for a sample', () => {
    assertClose(gather(...times(4, { leaf: '(idle)', cpuMicros: 700 })).idleCpuSeconds, 4 * 50e-6);
  });

  it('finds nothing in a window without samples', () => {
    const evidence = gather();
    assert.deepEqual(counted(evidence.busy.hits), [0, 0, 0, 0]);
    assert.deepEqual(counted(evidence.partial), [0, 0, 0, 0]);
    assert.deepEqual(
      [evidence.cpuSeconds, evidence.busy.cpuSeconds, evidence.idleCpuSeconds],
      [0, 0, 0],
    );
  });
});
