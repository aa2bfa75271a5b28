import { timers } from '../base/timers';
import type { InspectorProfile, LineSampler } from './LineSampler';

/** One recording of the line sampler. */
export interface LineRecording {
  readonly profile: InspectorProfile;
  /** Start of the recording, milliseconds since the epoch. */
  readonly startMillis: number;
  /** Mean time between two samples that was asked for, microseconds. */
  readonly intervalMicros: number;
}

/** A stretch of line-level profiling that belongs to one reader. */
export interface LineSpan {
  /**
   * Returns everything recorded since the span began or since the last cut. The span continues.
   * Returns an empty list after {@link close}.
   */
  cut(): LineRecording[];
  /**
   * Ends the span.
   * @returns Everything recorded since the span began or since the last cut. Further calls return
   *   an empty list.
   */
  close(): LineRecording[];
}

interface Reader {
  readonly intervalMicros: number;
  recordings: LineRecording[];
}

/**
 * Records lines for any number of readers with one sampler, at the shortest interval that any of
 * them asked for. A second sampler would double the signals that each thread gets, and they also
 * fill the buffer of the labeled sampler.
 */
export class LineProfiler {
  private readonly readers = new Set<Reader>();
  /** Start of the current recording, milliseconds since the epoch. */
  private startMillis: number | undefined;
  /** Interval of the current recording. */
  private intervalMicros = 0;

  constructor(
    private readonly sampler: LineSampler,
    private readonly now: () => number = timers.epochMillis,
  ) {}

  /**
   * Opens a span.
   * @throws SamplerUnavailableError if Node.js has no inspector.
   */
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
    const take = (keepOpen: boolean): LineRecording[] => {
      if (this.readers.has(reader)) {
        this.endRecording();
        if (!keepOpen) this.readers.delete(reader);
        this.beginRecording();
      }
      return reader.recordings.splice(0);
    };
    return { cut: () => take(true), close: () => take(false) };
  }

  private readonly restart = (): void => {
    this.endRecording();
    this.beginRecording();
  };

  private beginRecording(): void {
    if (this.readers.size === 0) return;
    this.intervalMicros = Math.min(...[...this.readers].map((reader) => reader.intervalMicros));
    this.sampler.start(this.intervalMicros, this.restart);
    this.startMillis = this.now();
  }

  private endRecording(): void {
    const { startMillis, intervalMicros } = this;
    if (startMillis === undefined) return;
    this.startMillis = undefined;
    const recording = { profile: this.sampler.stop(), startMillis, intervalMicros };
    for (const reader of this.readers) reader.recordings.push(recording);
  }
}
