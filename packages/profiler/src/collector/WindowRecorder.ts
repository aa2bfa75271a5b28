import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { SamplerLabelStorage } from '../labels/LabelStorage';
import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import type { Recording } from '../model/Recording';
import type { Sampler, SamplerOptions } from '../sampler/Sampler';
import type { warnOnce } from '../slot/warnOnce';
import type { Clock } from './Clock';
import { closeWindow } from './closeWindow';

/** What a recorder is built from. */
export interface RecorderParts {
  readonly sampler: Sampler;
  readonly labels: SamplerLabelStorage;
  readonly clock: Clock;
  readonly origin: WindowOrigin;
  /** Warns the user on stderr, once per process for each code. */
  readonly warn?: (...warning: Parameters<typeof warnOnce>) => void;
}

/** A closed window. */
export interface ClosedWindow {
  readonly window: ProfileWindow;
  /** End of the window. Pass it to `open` to start the next window without a gap. */
  readonly boundary: ClockReading;
}

/** How to close a window. */
export interface Closing {
  /** How to sample from now on. `undefined` stops the sampler. */
  readonly next: SamplerOptions | undefined;
  /** Planned length of the window, milliseconds. `undefined`: the window is closed on request. */
  readonly plannedMillis?: number | undefined;
  /** Ids of the worker threads that are sampled in windows of their own at the same time. */
  readonly workers?: readonly number[] | undefined;
}

/**
 * Cuts the recording of a sampler into windows. A failure is recorded in its window and logged; the
 * next window tries again.
 */
export class WindowRecorder {
  private start: ClockReading | undefined;
  /** Sampling interval of the open window. */
  private intervalMicros = 0;
  private sequence = 0;
  /** Why the sampler is not running although a window is open. */
  private startError: Error | undefined;
  private unfairnessReported = false;
  /**
   * Message of the last start error that was logged. Every window tries to start the sampler again,
   * and the same error is logged only once.
   */
  private reported: string | undefined;

  constructor(
    private readonly parts: RecorderParts,
    private readonly logger: Logger,
  ) {}

  /** Whether a window is open. */
  get running(): boolean {
    return this.start !== undefined;
  }

  /** Time since the open window began, milliseconds. */
  get ageMillis(): number | undefined {
    return this.start && this.parts.clock.now().monotonicMillis - this.start.monotonicMillis;
  }

  /** Why the sampler did not start, if the open window records nothing for that reason. */
  get startFailure(): Error | undefined {
    return this.running ? this.startError : undefined;
  }

  /**
   * Opens a window, and starts the sampler if it is not running.
   * @param boundary End of the previous window, if this one must follow it without a gap.
   */
  open(options: SamplerOptions, boundary?: ClockReading): void {
    this.startError = this.parts.sampler.running ? undefined : this.startSampler(options);
    this.reported = this.startError?.message;
    this.intervalMicros = options.samplingIntervalMicros;
    this.start = boundary ?? this.parts.clock.now();
  }

  /** Closes the open window. Does nothing if no window is open. */
  close({ next, plannedMillis, workers }: Closing): ClosedWindow | undefined {
    const { clock, origin } = this.parts;
    const { start } = this;
    if (start === undefined) return undefined;
    this.start = undefined;
    const before = clock.now();
    const outcome = this.startError ?? this.takeRecording(next);
    // The sampler may have been restarted, so its fairness may have changed.
    this.reportUnfairness();
    const end = clock.now();
    const window = closeWindow({
      origin,
      sequence: ++this.sequence,
      start,
      end,
      plannedMillis,
      samplingIntervalMicros: this.intervalMicros,
      workers,
      pauseSeconds: (end.monotonicMillis - before.monotonicMillis) / 1000,
      outcome,
    });
    return { window, boundary: end };
  }

  /** Starts the sampler. Returns the error if it does not start. */
  private startSampler(options: SamplerOptions): Error | undefined {
    const { sampler, labels } = this.parts;
    try {
      sampler.start(options);
      labels.samplingStarted();
      this.reportUnfairness();
      return undefined;
    } catch (thrown) {
      if (sampler.running) this.takeRecording(undefined);
      const error = toError(thrown);
      if (error.message !== this.reported) {
        this.logger.error('rulescope: sampling does not start', error);
      }
      return error;
    }
  }

  /** Warns once, in the log and on stderr, that samples are less fair than they can be. */
  private reportUnfairness(): void {
    const { fair, reason } = this.parts.sampler.fairness ?? {};
    if (reason === undefined || this.unfairnessReported) return;
    this.unfairnessReported = true;
    const message = fair
      ? `rulescope: samples are less fair than they can be (${reason.message}): ` +
        'on a busy processor, short bursts of work may be charged too little CPU.'
      : `rulescope: samples are not fair (${reason.message}): short bursts of work may be charged too much ` +
        'or too little CPU. Fix the cause, or set fairSampling: false to turn off this warning.';
    this.logger.warn(message);
    this.parts.warn?.(message, 'RULESCOPE_UNFAIR_SAMPLING');
  }

  private takeRecording(next: SamplerOptions | undefined): Recording | Error {
    const { sampler, labels } = this.parts;
    try {
      return next !== undefined && sampler.running ? sampler.rotate(next) : sampler.stop();
    } catch (thrown) {
      const error = toError(thrown);
      this.logger.error('rulescope: a window could not be closed', error);
      return error;
    } finally {
      // A failed sampler is stopped even if `next` asked it to continue.
      if (sampler.running) labels.recordingClosed();
      else labels.samplingStopped();
    }
  }
}
