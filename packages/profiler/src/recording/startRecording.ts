import { threadId } from 'node:worker_threads';
import type { Logger } from '../base/logger';
import type { Steps } from '../base/steps';
import { openHeap } from '../heap/openHeap';
import { recordLineProfile } from '../lines/startLineProfile';
import { threadName } from '../model/threadName';
import type { Profile } from '../pprof/Profile';
import { encodeInSteps } from '../pprof/encodeInSteps';
import { rewriteInSteps } from '../pprof/rewriteProfile';
import { collectorOfThread } from '../thread/sharedCollector';
import type { RecordingRequest } from '../workers/messages';
import type { Recording } from './Recording';
import { recordCpu } from './recordCpu';

/**
 * Starts to record a profile of this worker thread. Its samples have the label `thread`.
 *
 * @throws InvalidOptionError if an option is out of range.
 * @throws SamplerUnavailableError with the reason, if this cannot be recorded.
 */
export function startRecording(request: RecordingRequest, logger: Logger): Recording {
  const { kind, samplingIntervalMicros } = request;
  const rate = samplingIntervalMicros === undefined ? {} : { samplingIntervalMicros };
  switch (kind) {
    case 'cpu':
      return recordCpu(collectorOfThread({ ...request.collector, logger }), rate);
    case 'lines': {
      const stop = recordLineProfile(rate);
      return { stop, discard: () => void stop() };
    }
    case 'heap':
    case 'allocs':
      return recordHeap(kind, request.intervalBytes);
  }
}

/** Encodes the profile that `steps` gives, in steps. */
export function* encodedInSteps(steps: Steps<Profile>): Steps<Uint8Array> {
  const pieces = yield* encodeInSteps(yield* steps);
  // A copy has memory of its own, which can be transferred to another thread.
  return new Uint8Array(Buffer.concat(pieces));
}

function recordHeap(kind: 'heap' | 'allocs', intervalBytes: number | undefined): Recording {
  const allocations = kind === 'allocs';
  const reader = openHeap({ allocations, ...(intervalBytes !== undefined && { intervalBytes }) });
  return {
    stop(comments = []) {
      try {
        return rewriteInSteps(reader.profile(), {
          comments,
          label: { key: 'thread', value: threadName(threadId) },
          defaultSampleType: allocations ? 'alloc_space' : 'inuse_space',
        });
      } finally {
        reader.close();
      }
    },
    discard: () => reader.close(),
  };
}
