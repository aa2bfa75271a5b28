import type { Profile } from '../pprof/Profile';
import { sum } from '../base/sum';
import type { WindowOrigin } from '../model/ProfileWindow';
import { ProfileBuilder } from '../pprof/ProfileBuilder';
import type { LineRecording } from './LineProfiler';
import { functionOf, hitsByLine, isIdle, sparedIn, walk } from './lineTree';

/** What a line-level profile is built from. */
export interface LineProfileParts {
  readonly recordings: readonly LineRecording[];
  readonly origin: WindowOrigin;
  readonly samplingIntervalMicros: number;
}

const NO_LABELS = {};

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
  walk(profile, (node, callers) => {
    if (!node.hitCount || isIdle(node)) return;
    const outer = callers.map((caller) => builder.locationOf(functionOf(caller)));
    for (const [line, hits] of hitsByLine(node)) {
      const place = builder.locationOf(functionOf(node), line === 0 ? undefined : line);
      builder.add([place, ...outer], NO_LABELS, { count: hits, wallNanos: hits * wallNanos });
    }
  });
}

function sampleCountIn({ nodes }: LineRecording['profile']): number {
  return sum(nodes, ({ hitCount = 0 }) => hitCount);
}
