import type { LineProfiler, LineRecording } from '../lines/LineProfiler';
import { lineCallTree } from '../lines/lineCallTree';
import { sparedIn } from '../lines/lineTree';
import { CallTreeMerger } from '../model/mergeCallTrees';
import type { Recorded, TimeRecording } from './TimeRecording';
import type { ResolvedTimeOptions } from './timeOptions';
import { totalHitCount, withContexts } from './toTimeProfile';

/** Shortest sampling interval of the line sampler, microseconds. */
const MIN_INTERVAL_MICROS = 1_000;

/**
 * Records lines in a stream of the line profiler.
 * @throws SamplerUnavailableError if Node.js has no inspector.
 */
export function recordLines(
  profiler: LineProfiler,
  { intervalMicros }: ResolvedTimeOptions,
): TimeRecording {
  let lines = new Lines();
  const stream = profiler.open(
    Math.max(MIN_INTERVAL_MICROS, Math.round(intervalMicros)),
    (recording) => lines.add(recording),
  );
  const take = (): Recorded => {
    const taken = lines;
    lines = new Lines();
    return taken.get();
  };
  return {
    cut() {
      stream.cut();
      return take();
    },
    close() {
      stream.close();
      return take();
    },
  };
}

/** Sums consecutive recordings. */
class Lines {
  private readonly tree = new CallTreeMerger();
  private startMicros: number | undefined;
  private endMicros = -Infinity;
  private micros = 0;
  private spared = 0;

  add(recording: LineRecording): void {
    const { profile, startMillis } = recording;
    this.startMicros ??= startMillis * 1000;
    // A recording begins shortly before the end of the one before it.
    this.micros += profile.endTime - Math.max(profile.startTime, this.endMicros);
    this.endMicros = profile.endTime;
    this.spared += sparedIn(recording);
    this.tree.add(lineCallTree(profile));
  }

  get(): Recorded {
    const { startMicros = 0 } = this;
    const { root } = this.tree;
    return {
      profile: {
        topDownRoot: withContexts(root, undefined, false),
        startTime: startMicros,
        endTime: startMicros + Math.round(this.micros),
        hasCpuTime: false,
        nonJSThreadsCpuTime: 0,
        totalHitCount: totalHitCount(root) + this.spared,
      },
      stuck: false,
    };
  }
}
