import { isMainThread } from 'node:worker_threads';
import type { Recording } from '../model/Recording';
import { type NativeRecording, toCallTree } from '../native/loadNative';

/** What the sampler knows about a native recording that it has closed. */
interface RecordingFacts extends Pick<Recording, 'fair' | 'samplesTaken' | 'stuck'> {
  /** Samples that the native buffer holds. */
  readonly capacity: number;
}

/** Converts a native recording. */
export function toRecording(
  { topDownRoot, nonJSThreadsCpuTime }: NativeRecording,
  { fair, samplesTaken, capacity, stuck }: RecordingFacts,
): Recording {
  return {
    root: toCallTree(topDownRoot),
    fair,
    samplesTaken,
    overflowed: samplesTaken >= capacity,
    otherThreadsCpuNanos: isMainThread ? nonJSThreadsCpuTime : undefined,
    stuck,
  };
}
