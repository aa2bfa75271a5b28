import type { Sampler } from '../sampler/Sampler';
import type { InspectorProfile, LineSampler } from './LineSampler';

/** What was recorded from one border to the next. */
export interface LineRecording {
  readonly profile: InspectorProfile;
  /** Milliseconds since the epoch. */
  readonly startMillis: number;
  /** Mean time between two samples that was asked for, microseconds. */
  readonly intervalMicros: number;
}

/** A stretch of line-level profiling of a reader's own. */
export interface LineSpan {
  /**
   * What was recorded since the span began or was last cut; the span goes on. Nothing once it is
   * closed.
   */
  cut(): LineRecording[];
  /**
   * Ends the span. @returns what was recorded since it began or was last cut; further calls return
   * nothing.
   */
  close(): LineRecording[];
}

/** Recordings after which the sampler beside is renewed: each leaves more than a megabyte in it. */
const RECORDINGS_PER_RENEWAL = 16;

interface Reader {
  readonly intervalMicros: number;
  recordings: LineRecording[];
}

/**
 * Records lines for any number of readers at once with one sampler: a second one would double the
 * signals that each thread gets, and those fill the buffer of the labelled sampler too. Samples at
 * the interval of whoever wants most.
 */
export class LineProfiler {
  private readonly readers = new Set<Reader>();
  /** When the recording under way began. */
  private startMillis: number | undefined;
  /** Of the recording under way. */
  private intervalMicros = 0;
  private recorded = 0;

  /** @param beside The labelled sampler of the thread. */
  constructor(
    private readonly sampler: LineSampler,
    private readonly beside: Pick<Sampler, 'renew'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws SamplerUnavailableError where there is no inspector. */
  open(intervalMicros: number): LineSpan {
    const reader: Reader = { intervalMicros, recordings: [] };
    this.endRecording();
    this.readers.add(reader);
    try {
      this.beginRecording();
    } catch (thrown) {
      this.readers.delete(reader);
      throw thrown;
    }
    const take = (goOn: boolean): LineRecording[] => {
      if (this.readers.has(reader)) {
        this.endRecording();
        if (!goOn) this.readers.delete(reader);
        this.beginRecording();
      }
      return reader.recordings.splice(0);
    };
    return { cut: () => take(true), close: () => take(false) };
  }

  private beginRecording(): void {
    if (this.readers.size === 0) return;
    this.intervalMicros = Math.min(...[...this.readers].map((reader) => reader.intervalMicros));
    this.sampler.start(this.intervalMicros);
    this.startMillis = this.now();
  }

  private endRecording(): void {
    const { startMillis, intervalMicros } = this;
    if (startMillis === undefined) return;
    this.startMillis = undefined;
    const recording = { profile: this.sampler.stop(), startMillis, intervalMicros };
    if (++this.recorded % RECORDINGS_PER_RENEWAL === 0) this.beside.renew();
    for (const reader of this.readers) reader.recordings.push(recording);
  }
}
