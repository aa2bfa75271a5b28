import type { Profile } from '../pprof/Profile';
import type { Steps } from '../base/steps';
import { sum } from '../base/sum';
import type { WindowOrigin } from '../model/ProfileWindow';
import { threadLabels } from '../model/threadName';
import { ProfileBuilder, type SampleStack } from '../pprof/ProfileBuilder';
import type { LineRecording } from './LineProfiler';
import type { InspectorProfile } from './LineSampler';
import { type Frame, framesIn, functionOf, hitsByLine, isIdle, sparedIn } from './lineTree';

/**
 * Sums consecutive recordings in one line-level profile in pprof's format. Keeps the sums, not the
 * recordings. Sample types:
 *
 * - `samples`, `count`: number of samples;
 * - `wall`, `nanoseconds`, the default: samples times the mean time between two.
 *
 * The running function has the line that was running. Its callers have the line where they begin,
 * because V8 does not report the line of a call. A function that V8 had inlined before the profile
 * began is counted as part of the function it was inlined into. Samples of an idle thread are left
 * out.
 */
export class LineSum {
  private readonly builder: ProfileBuilder;
  private startMillis: number | undefined;
  /** End of the last recording, by the inspector's clock. */
  private endMicros = -Infinity;
  private micros = 0;
  private samples = 0;

  /** @param origin Where the recordings are made. A worker's samples have the label `thread`. */
  constructor(private readonly origin: WindowOrigin) {
    this.builder = new ProfileBuilder(['samples', 'wall'], threadLabels(origin.threadId));
  }

  /** Adds a recording, which must be later than those before it. */
  add(recording: LineRecording): void {
    const { builder } = this;
    const { profile } = recording;
    const { startTime, endTime } = profile;
    const samples = sum(profile.nodes, ({ hitCount = 0 }) => hitCount);
    // A recording begins shortly before the end of the one before it.
    const micros = endTime - Math.max(startTime, this.endMicros);
    this.startMillis ??= recording.startMillis;
    this.endMicros = endTime;
    this.micros += micros;
    this.samples += samples;
    // Recordings can have different intervals, so each sample has the weight of its own recording.
    const wallNanos = (micros * 1000) / Math.max(1, samples + sparedIn(recording));
    for (const { place, hits } of linesIn(profile, builder)) {
      const sample = builder.sampleOf(place);
      sample.count += hits;
      sample.wallNanos += hits * wallNanos;
    }
  }

  /**
   * Returns the profile, in steps. Call it once, after the last recording.
   * @param comments Comments to add.
   */
  buildInSteps(samplingIntervalMicros: number, comments: readonly string[]): Steps<Profile> {
    const { program, comments: versions } = this.origin;
    const own = ['by line, without labels', `${this.samples} samples`];
    return this.builder.buildInSteps({
      startMillis: this.startMillis ?? 0,
      durationMillis: this.micros / 1000,
      periodMicros: samplingIntervalMicros,
      program,
      comments: [...versions, ...own, ...comments],
    });
  }
}

interface LineFrame extends Frame {
  /** Set when first needed: most functions are not on a stack with samples. */
  stack?: SampleStack;
}

/** Returns the stack of each line that was running, and its samples. */
function* linesIn(
  profile: InspectorProfile,
  builder: ProfileBuilder,
): Generator<{ readonly place: SampleStack; readonly hits: number }> {
  const stackOf = (frame: LineFrame): SampleStack =>
    (frame.stack ??= frame.caller
      ? builder.call(stackOf(frame.caller), functionOf(frame.node))
      : builder.root);
  for (const { node, caller } of framesIn(profile)) {
    if (caller === undefined || !node.hitCount || isIdle(node)) continue;
    const callee = functionOf(node);
    for (const [line, hits] of hitsByLine(node)) {
      yield { place: builder.call(stackOf(caller), callee, line === 0 ? undefined : line), hits };
    }
  }
}
