import type { Profile } from '../pprof/Profile';
import { sum } from '../base/sum';
import type { WindowOrigin } from '../model/ProfileWindow';
import { ProfileBuilder, type SampleStack } from '../pprof/ProfileBuilder';
import type { LineRecording } from './LineProfiler';
import { type Frame, framesIn, functionOf, hitsByLine, isIdle, sparedIn } from './lineTree';

/** What a line-level profile is built from. */
export interface LineProfileParts {
  readonly recordings: readonly LineRecording[];
  readonly origin: WindowOrigin;
  readonly samplingIntervalMicros: number;
}

/**
 * Builds a line-level profile in pprof's format. Pure. Sample types:
 *
 * - `samples`, `count`: number of samples;
 * - `wall`, `nanoseconds`, the default: samples times the mean time between two.
 *
 * The running function has the line that was running. Its callers have the line where they begin,
 * because V8 does not report the line of a call. A function that V8 had inlined before the profile
 * began is counted as part of the function it was inlined into. Samples of an idle thread are left
 * out.
 */
export function buildLineProfile(parts: LineProfileParts): Profile {
  const { recordings, origin, samplingIntervalMicros } = parts;
  const builder = new ProfileBuilder(['samples', 'wall']);
  for (const recording of recordings) addRecording(builder, recording);
  const samples = sum(recordings, ({ profile }) => sampleCountIn(profile));
  return builder.build({
    startMillis: recordings[0]?.startMillis ?? 0,
    durationMillis: sum(recordings, ({ profile }) => profile.endTime - profile.startTime) / 1000,
    periodMicros: samplingIntervalMicros,
    program: origin.program,
    comments: [...origin.comments, 'by line, without labels', `${samples} samples`],
  });
}

function addRecording(builder: ProfileBuilder, recording: LineRecording): void {
  const { profile } = recording;
  // Recordings can have different intervals, so each sample has the weight of its own recording.
  const samples = Math.max(1, sampleCountIn(profile) + sparedIn(recording));
  const wallNanos = ((profile.endTime - profile.startTime) * 1000) / samples;
  const stackOf = (frame: LineFrame): SampleStack =>
    (frame.stack ??= frame.caller
      ? builder.call(stackOf(frame.caller), functionOf(frame.node))
      : builder.root);
  for (const { node, caller } of framesIn(profile)) {
    if (caller === undefined || !node.hitCount || isIdle(node)) continue;
    for (const [line, hits] of hitsByLine(node)) {
      const place = builder.call(stackOf(caller), functionOf(node), line === 0 ? undefined : line);
      const sample = builder.sampleOf(place);
      sample.count += hits;
      sample.wallNanos += hits * wallNanos;
    }
  }
}

interface LineFrame extends Frame {
  /** Set when first needed: most functions are not on a stack with samples. */
  stack?: SampleStack;
}

function sampleCountIn({ nodes }: LineRecording['profile']): number {
  return sum(nodes, ({ hitCount = 0 }) => hitCount);
}
