import type { Profile } from '../pprof/Profile';
import { ProfileBuilder } from '../pprof/ProfileBuilder';
import { sum } from '../base/sum';
import type { WindowOrigin } from '../model/ProfileWindow';
import type { LineRecording } from './LineProfiler';
import { functionOf, hitsByLine, isIdle, sparedIn, walk } from './lineTree';

/** How lines were recorded. */
export interface LineProfileParts {
  readonly recordings: readonly LineRecording[];
  readonly origin: WindowOrigin;
  readonly samplingIntervalMicros: number;
}

const NO_LABELS = {};

/**
 * A line-level profile in pprof's format. Pure. Sample types:
 *
 * - `sample`, `count`: samples;
 * - `wall`, `nanoseconds`, the default: samples times the mean time between two.
 *
 * The running function is at the line that was running. Its callers are where they begin: V8 does
 * not say from which line they called. What V8 had put in line before the profile began is in the
 * function it was put into. Samples of a waiting thread are left out.
 */
export function buildLineProfile(parts: LineProfileParts): Profile {
  const { recordings, origin, samplingIntervalMicros } = parts;
  const builder = new ProfileBuilder(['sample', 'wall']);
  for (const recording of recordings) addRecording(builder, recording);
  const samples = sum(recordings, ({ profile }) => hitsIn(profile));
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
  // Recordings at several intervals go together: each sample stands for the time it was taken for.
  const samples = Math.max(1, hitsIn(profile) + sparedIn(recording));
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

function hitsIn({ nodes }: LineRecording['profile']): number {
  return sum(nodes, ({ hitCount = 0 }) => hitCount);
}
