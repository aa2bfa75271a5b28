import assert from 'node:assert/strict';
import { type CpuReadings, splitProcessCpu } from '../../src/collector/splitProcessCpu';
import { assertClose } from '../support/assertClose';
import { recording, rootOf } from '../support/builders';

/**
 * Splits one second of process CPU and returns the thread's part. The samples have 0.2 s of CPU;
 * `changes` replaces single readings.
 */
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
  it('takes the clock of the thread if there is one', () => {
    assertClose(threadSeconds({ threadClockSeconds: 0.3 }, 0.25e9), 0.3);
    assertClose(threadSeconds({ threadClockSeconds: 0.3, alone: false }, 0.25e9), 0.3);
    assertClose(threadSeconds({ threadClockSeconds: 0.3, ...failed }), 0.3);
  });

  it('takes the figure of the native sampler without a clock, if no other thread is sampled', () => {
    assertClose(threadSeconds({}, 0.25e9), 0.75);
  });

  it('takes the CPU of the samples otherwise', () => {
    assertClose(threadSeconds({ alone: false }, 0.25e9), 0.2);
    assertClose(threadSeconds({ alone: false }), 0.2);
  });

  it('gives the thread all CPU of a failed window without a clock, unless others are sampled', () => {
    assertClose(threadSeconds(failed), 1);
    assertClose(threadSeconds({ ...failed, alone: false }), 0);
  });

  it('gives a thread at least zero and at most the CPU of the process', () => {
    assertClose(threadSeconds({ threadClockSeconds: 1.1 }), 1);
    assertClose(threadSeconds({}, 3e9), 0);
  });
});
