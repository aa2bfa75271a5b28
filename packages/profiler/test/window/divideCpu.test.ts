import assert from 'node:assert/strict';
import { type CpuEvidence, divideCpu } from '../../src/window/divideCpu';
import { assertClose } from '../support/assertClose';
import { recording, rootOf } from '../support/builders';

/** A second of CPU, of which `changes` say whose it was; the samples say 0.2 s of it was ours. */
function threadSeconds(changes: Partial<CpuEvidence>, otherThreadsCpuNanos?: number): number {
  const root = rootOf({ leaf: 'f', cpuMicros: 150_000 }, { leaf: 'g', cpuMicros: 50_000 });
  const { processSeconds, threadSeconds, otherThreadsSeconds } = divideCpu({
    processSeconds: 1,
    threadClockSeconds: undefined,
    isMainThread: true,
    othersSampled: false,
    outcome: recording({ root, otherThreadsCpuNanos }),
    ...changes,
  });
  assert.equal(processSeconds, 1);
  assertClose(threadSeconds + otherThreadsSeconds, 1);
  return threadSeconds;
}

const worker = { isMainThread: false };
const amongSampled = { othersSampled: true };
const failed = { outcome: new Error('no sampler') };

describe('divideCpu', () => {
  it('on the main thread alone believes the native side', () => {
    assertClose(threadSeconds({}, 0.25e9), 0.75);
    assertClose(threadSeconds({ threadClockSeconds: 0.745 }, 0.25e9), 0.75);
    assertClose(threadSeconds({ threadClockSeconds: 0.9 }, 0.25e9), 0.75);
  });

  it('where other threads are sampled, which are ours to the native side, believes the clock of the thread', () => {
    assertClose(threadSeconds({ ...amongSampled, threadClockSeconds: 0.3 }, 0.25e9), 0.3);
  });

  it('so it does where others are sampled without our knowing', () => {
    assertClose(threadSeconds({ threadClockSeconds: 0.3 }, 0.25e9), 0.3);
  });

  it('in a worker believes the clock, and without one the samples', () => {
    assertClose(threadSeconds({ ...worker, threadClockSeconds: 0.3 }), 0.3);
    assertClose(threadSeconds(worker), 0.2);
    assertClose(threadSeconds(amongSampled, 0.25e9), 0.2);
  });

  it('believes the clock over samples that prove more: it lags, and makes up for that in the next window', () => {
    assertClose(threadSeconds({ ...worker, threadClockSeconds: 0.1 }), 0.1);
  });

  it('never gives a thread more than the process used, nor less than nothing', () => {
    assertClose(threadSeconds({ ...worker, threadClockSeconds: 1.1 }), 1);
    assertClose(threadSeconds({}, 3e9), 0);
  });

  it('puts a failed window down to the main thread, unless others are sampled', () => {
    assertClose(threadSeconds(failed), 1);
    assertClose(threadSeconds({ ...failed, ...amongSampled, threadClockSeconds: 0.3 }), 0.3);
    assertClose(threadSeconds({ ...failed, ...worker, threadClockSeconds: 0.3 }), 0.3);
    assertClose(threadSeconds({ ...failed, ...worker }), 0);
  });
});
