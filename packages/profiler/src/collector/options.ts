import { type Logger, safeLogger, silentLogger } from '../base/logger';
import { boolean, integerInRange, knownKeys, loggerOption } from '../base/validate';
import type { ConsumerOptions } from './Consumer';

/** How a collector samples. */
export interface CollectorOptions {
  /**
   * Mean time between two samples, microseconds, an integer from 500 to 1,000,000. Default 10,101
   * (99 samples per second). Avoid divisors of 1 ms: timers fire on that grid, and a sampler in
   * step with them always sees the same work.
   */
  readonly samplingIntervalMicros?: number;
  /** Length of a window, milliseconds, an integer from 100 to 600,000. Default 5,000. */
  readonly windowMillis?: number;
  /**
   * Time from the start of a window to the start of the next, milliseconds, an integer from
   * `windowMillis` to 3,600,000. Default `windowMillis`: sampling without a gap. With a longer
   * period, sampling pauses between windows. Each window then begins with a start of V8's profiler,
   * which blocks the thread for about 2.3 microseconds per compiled function.
   */
  readonly periodMillis?: number;
  /**
   * Removes the bias of V8's sampler against short bursts of work. Default true. The event loop of
   * each sampled thread then blocks SIGPROF while it waits, for the life of the loop. `false`
   * leaves V8's sampler as it is, and rulescope does not warn that samples are not fair.
   */
  readonly fairSampling?: boolean;
  /** Receives failures and warnings. Default: no logging. */
  readonly logger?: Logger;
}

export type ResolvedCollectorOptions = Required<CollectorOptions>;

const DEFAULTS = { samplingIntervalMicros: 10_101, windowMillis: 5_000 };
const KEYS = [
  'samplingIntervalMicros',
  'windowMillis',
  'periodMillis',
  'fairSampling',
  'logger',
] as const;

/**
 * Returns `options` with the defaults filled in.
 * @throws InvalidOptionError if an option is unknown or out of range. It names the option, its
 *   value and what is allowed.
 */
export function resolveCollectorOptions(options: CollectorOptions = {}): ResolvedCollectorOptions {
  knownKeys('CollectorOptions', options, KEYS);
  const windowMillis = integerInRange(
    'windowMillis',
    options.windowMillis ?? DEFAULTS.windowMillis,
    100,
    600_000,
  );
  const logger = options.logger ?? silentLogger;
  loggerOption('logger', logger);
  return {
    samplingIntervalMicros: samplingInterval(
      options.samplingIntervalMicros ?? DEFAULTS.samplingIntervalMicros,
    ),
    windowMillis,
    periodMillis: integerInRange(
      'periodMillis',
      options.periodMillis ?? windowMillis,
      windowMillis,
      3_600_000,
    ),
    fairSampling: boolean('fairSampling', options.fairSampling ?? true),
    logger: safeLogger(logger),
  };
}

/**
 * Returns `options` if they are valid.
 * @throws InvalidOptionError if an option is unknown or out of range. It names the option, its
 *   value and what is allowed.
 */
export function resolveReaderOptions(options: ConsumerOptions): ConsumerOptions {
  knownKeys('ConsumerOptions', options, ['samplingIntervalMicros']);
  const { samplingIntervalMicros } = options;
  if (samplingIntervalMicros !== undefined) samplingInterval(samplingIntervalMicros);
  return options;
}

function samplingInterval(micros: unknown): number {
  return integerInRange('samplingIntervalMicros', micros, 500, 1_000_000);
}

/** Timers fire on this grid, microseconds. */
const TIMER_GRID = 1000;

/**
 * Returns the sampling interval for about `hz` samples per second, microseconds. It is never in
 * step with timers: 100 Hz become 99 Hz, 1,000 Hz become 990 Hz. In step, the sampler would see
 * the same work of a timer each time.
 */
export function samplingIntervalOf(hz: number): number {
  const micros = Math.round(1e6 / hz);
  const inStep = micros % TIMER_GRID === 0 || TIMER_GRID % micros === 0;
  return inStep ? micros + Math.round(micros / 99) : micros;
}

/**
 * Returns the time for which the sampler must be able to hold samples, milliseconds. The largest of
 * three:
 *
 * - half a minute;
 * - four windows, because a stalled event loop closes its window late;
 * - one window with the signals of a line-level profile in it. There is one per millisecond, and
 *   they fill the same buffer. The buffer holds twice its nominal time, hence the half.
 */
export function bufferMillis(windowMillis: number, intervalMicros: number): number {
  const forLines = Math.ceil((windowMillis / 2) * (intervalMicros / 1000 + 1));
  return Math.max(30_000, windowMillis * 4, forLines);
}
