import assert from 'node:assert/strict';
import { type CpuReadings, splitProcessCpu } from '../../src/collector/splitProcessCpu';
import { assertClose } from '../support/assertClose';
import { recording, rootOf } from '../support/builders';

/** A second of CPU, of which `changes` say whose it was; the samples say 0.2 s of it was ours. */
function threadSeconds(changes: Partial<CpuReadings>, otherThreadsCpuNanos?: number): number {
  const root = rootOf({ leaf: 'f', cpuMicros: 150_000 }, { leaf: 'g', cpuMicros: 50_000 });
  const { processSeconds, threadSeconds, otherThreadsSeconds } = splitProcessCpu({
    processSeconds: 1,
    threadClockSeconds: undefined,
    alone: true,
    outcome: recording({ root, otherThreadsCpuNanos }),
    ...changes,
  });
  assert.equal(processSeconds, 1);
  assertClose(threadSeconds + otherThreadsSeconds, 1);
  return threadSeconds;
}

const failed = { outcome: new Error('no sampler') };

describe('splitProcessCpu', () => {
  it('believes the clock of the thread', () => {
    assertClose(threadSeconds({ threadClockSeconds: 0.3 }, 0.25e9), 0.3);
    assertClose(threadSeconds({ threadClockSeconds: 0.3, alone: false }, 0.25e9), 0.3);
    assertClose(threadSeconds({ threadClockSeconds: 0.3, ...failed }), 0.3);
  });

  it('without one believes the native side, if no other thread is sampled', () => {
    assertClose(threadSeconds({}, 0.25e9), 0.75);
  });

  it('else the samples', () => {
    assertClose(threadSeconds({ alone: false }, 0.25e9), 0.2);
    assertClose(threadSeconds({ alone: false }), 0.2);
  });

  it('without a clock takes all CPU of a failed window for the thread’s, unless others are sampled', () => {
    assertClose(threadSeconds(failed), 1);
    assertClose(threadSeconds({ ...failed, alone: false }), 0);
  });

  it('never gives a thread more than the process used, nor less than nothing', () => {
    assertClose(threadSeconds({ threadClockSeconds: 1.1 }), 1);
    assertClose(threadSeconds({}, 3e9), 0);
  });
});
