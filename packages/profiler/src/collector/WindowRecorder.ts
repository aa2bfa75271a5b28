import type { SamplerLabelStorage } from '../labels/LabelStorage';
import type { Recording } from '../model/Recording';
import type { Sampler, SamplerOptions } from '../sampler/Sampler';
import type { ClockReading } from '../model/ClockReading';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import { closeWindow } from './closeWindow';
import type { Clock } from './Clock';

/** What a recorder works with. */
export interface RecorderParts {
  readonly sampler: Sampler;
  readonly labels: SamplerLabelStorage;
  readonly clock: Clock;
  readonly origin: WindowOrigin;
  /** Warns the user on stderr. Default: does not, because another thread does. */
  readonly warn?: (message: string, code: string) => void;
}

/** A window that was closed. */
export interface ClosedWindow {
  readonly window: ProfileWindow;
  /** Its end: with it the next one is opened, where nothing is to lie between the two. */
  readonly border: ClockReading;
}

/** How a window is closed. */
export interface Closing {
  /** How the sampler goes on; it is stopped without. */
  readonly next: SamplerOptions | undefined;
  /** How long the window was to be, milliseconds; `undefined` when it is closed on request. */
  readonly plannedMillis?: number | undefined;
  /** Worker threads whose own windows are read together with this one. */
  readonly workers?: number | undefined;
}

/**
 * Cuts the recording of a sampler into windows. What fails is in the window, and said to the
 * logger; the next one tries again.
 */
export class WindowRecorder {
  private start: ClockReading | undefined;
  /** Of the open window. */
  private intervalMicros = 0;
  private sequence = 0;
  /** Why the sampler is not running although a window is open. */
  private startError: Error | undefined;
  private unfairnessReported = false;
  /**
   * The message of the last such error that was reported: every window tries again, and is not to
   * say so each time.
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

  /** When the open window began, milliseconds since the epoch. */
  get since(): number | undefined {
    return this.start?.epochMillis;
  }

  /** Why the open window records nothing: the sampler did not start. */
  get startFailure(): Error | undefined {
    return this.running ? this.startError : undefined;
  }

  /** @param border Where the window before it ended, when nothing lies between the two. */
  open(options: SamplerOptions, border?: ClockReading): void {
    this.startError = this.parts.sampler.running ? undefined : this.startSampler(options);
    this.reported = this.startError?.message;
    this.intervalMicros = options.samplingIntervalMicros;
    this.start = border ?? this.parts.clock.now();
  }

  /** Closes the open window; does nothing when none is open. */
  close({ next, plannedMillis, workers }: Closing): ClosedWindow | undefined {
    const { clock, origin } = this.parts;
    const { start } = this;
    if (start === undefined) return undefined;
    this.start = undefined;
    const before = clock.now();
    const outcome = this.startError ?? this.takeRecording(next);
    // The sampler may have been started anew.
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
    return { window, border: end };
  }

  /** @returns why it does not start. */
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

  /** Reports once, to the logger and on stderr, that samples are not as fair as they can be. */
  private reportUnfairness(): void {
    const { fair, reason } = this.parts.sampler.fairness ?? {};
    if (reason === undefined || this.unfairnessReported) return;
    this.unfairnessReported = true;
    const message = fair
      ? `rulescope: samples are less fair than they can be (${reason.message}): ` +
        'on a busy processor, work in short bursts may get too little of the CPU.'
      : `rulescope: samples are not fair (${reason.message}): work in short bursts may get too much or ` +
        'too little of the CPU. Mend that, or set fairSampling: false to go on without this warning.';
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
      // A sampler that failed is stopped, whatever was asked of it.
      if (sampler.running) labels.recordingClosed();
      else labels.samplingStopped();
    }
  }
}
