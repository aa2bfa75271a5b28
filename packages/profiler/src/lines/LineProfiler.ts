import { toError } from '../base/errors';
import type { Clock } from '../collector/Clock';
import type { SamplerLabelStorage } from '../labels/LabelStorage';
import type { InspectorProfile, LineSampler } from './LineSampler';

/** One recording of the line sampler. */
export interface LineRecording {
  readonly profile: InspectorProfile;
  /** Start of the recording, milliseconds since the epoch. */
  readonly startMillis: number;
  /** Mean time between two samples that was asked for, microseconds. */
  readonly intervalMicros: number;
}

/** Recordings of the line sampler as they end, for one reader. */
export interface LineStream {
  /**
   * Hands over everything recorded since the stream began or since the last recording.
   * @throws {Error} the sampler's error, if it has failed meanwhile.
   */
  cut(): void;
  /**
   * Ends the stream, and hands over its last recording. Further calls do nothing.
   * @throws {Error} the sampler's error, if it has failed meanwhile.
   */
  close(): void;
}

/** What a line profiler is built from. */
export interface LineProfilerParts {
  readonly sampler: LineSampler;
  readonly clock: Clock;
  readonly labels: Pick<SamplerLabelStorage, 'runOwned'>;
}

interface Reader {
  readonly intervalMicros: number;
  readonly take: (recording: LineRecording) => void;
  /** Why recordings are missing. */
  failure?: Error;
}

/**
 * Samples in a recording. V8 hands over a recording in one piece, so this limits for how long the
 * event loop is blocked. Source: `npm run bench:profile -- --subject lines`, columns "longest
 * block" and "before the end".
 */
const SAMPLES_PER_RECORDING = 1_000;

/**
 * Records lines for any number of readers with one sampler, at the shortest interval that any of
 * them asked for. A second sampler would double the signals that each thread gets, and they also
 * fill the buffer of the labeled sampler.
 */
export class LineProfiler {
  private readers: readonly Reader[] = [];
  /** The recording under way. */
  private recording: Omit<LineRecording, 'profile'> | undefined;
  private cancelTimer: (() => void) | undefined;

  constructor(private readonly parts: LineProfilerParts) {}

  /**
   * Opens a stream.
   * @param take Called with each recording when it ends. Must neither throw nor block.
   * @throws SamplerUnavailableError if Node.js has no inspector.
   */
  open(intervalMicros: number, take: (recording: LineRecording) => void): LineStream {
    const reader: Reader = { intervalMicros, take };
    const { readers } = this;
    try {
      this.record([...readers, reader]);
    } catch (thrown) {
      this.readers = readers;
      throw thrown;
    }
    const end = (keepOpen: boolean): void => {
      if (!this.readers.includes(reader)) return;
      this.record(keepOpen ? this.readers : this.readers.filter((each) => each !== reader));
      const { failure } = reader;
      delete reader.failure;
      if (failure !== undefined) throw failure;
    };
    return { cut: () => end(true), close: () => end(false) };
  }

  /**
   * Ends the recording and begins the next one, which is for `readers`. If that fails, readers that
   * miss something are told when they cut or close.
   */
  private record(readers: readonly Reader[], mayContinue = true): void {
    const intervalMicros = Math.min(...readers.map((reader) => reader.intervalMicros));
    const continues = mayContinue && this.recording?.intervalMicros === intervalMicros;
    const earlier = this.readers;
    this.readers = readers;
    this.cancelTimer?.();
    try {
      this.endRecording(earlier, continues);
      if (readers.length > 0) this.beginRecording(intervalMicros, continues);
    } catch (thrown) {
      for (const reader of earlier) reader.failure ??= toError(thrown);
      throw thrown;
    }
  }

  /** @param continues Whether sampling goes on, for the next recording. */
  private endRecording(readers: readonly Reader[], continues: boolean): void {
    const { recording } = this;
    if (recording === undefined) return;
    this.recording = undefined;
    const { sampler } = this.parts;
    const profile = continues ? sampler.cut() : sampler.stop();
    for (const { take } of readers) take({ profile, ...recording });
  }

  private beginRecording(intervalMicros: number, continues: boolean): void {
    const { clock, labels, sampler } = this.parts;
    if (!continues) sampler.start(intervalMicros, () => this.recordNext(false));
    this.recording = { startMillis: clock.now().epochMillis, intervalMicros };
    // Outside any flow: no label accounts for the CPU of a cut.
    labels.runOwned(this, () => {
      const millis = (SAMPLES_PER_RECORDING * intervalMicros) / 1000;
      this.cancelTimer = clock.after(millis, () => this.recordNext());
    });
  }

  private recordNext(mayContinue?: boolean): void {
    try {
      this.record(this.readers, mayContinue);
    } catch {
      // The readers have the error.
    }
  }
}
