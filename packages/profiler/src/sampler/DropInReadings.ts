import type { Recording } from '../model/Recording';

/** What the sampler records for the drop-in `time` alone. */
export class DropInReadings {
  private readonly asyncIdReaders = new Set<symbol>();
  private unsampledNanos = 0;

  /** Whether samples have the async id that was executing, from the next start or rotation on. */
  get asyncIds(): boolean {
    return this.asyncIdReaders.size > 0;
  }

  /** Turns {@link asyncIds} on until the returned function is called. */
  requestAsyncIds(): () => void {
    const reader = Symbol();
    this.asyncIdReaders.add(reader);
    return () => void this.asyncIdReaders.delete(reader);
  }

  /**
   * CPU time of all threads of the process that run no sampled JavaScript, nanoseconds, summed over
   * all closed recordings. Never falls. 0 in a worker.
   */
  get unsampledCpuNanos(): number {
    return this.unsampledNanos;
  }

  /** Counts a closed recording, and returns it. */
  count(recording: Recording): Recording {
    this.unsampledNanos += Math.max(0, recording.otherThreadsCpuNanos ?? 0);
    return recording;
  }
}
