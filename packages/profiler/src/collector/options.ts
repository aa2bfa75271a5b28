import { InvalidOptionError } from '../base/errors';
import { type Logger, safeLogger, silentLogger } from '../base/logger';
import { boolean, integerInRange, knownKeys } from '../base/validate';
import type { ConsumerOptions } from './Consumer';

/** How a collector samples. */
export interface CollectorOptions {
  /**
   * Mean time between two samples, microseconds, 500 to 1,000,000. Default 10,101 (99 per second).
   * Keep off the divisors of 1 ms: timers fire on that grid, and a sampler in step with them always
   * sees the same work.
   */
  readonly samplingIntervalMicros?: number;
  /** Length of a window, milliseconds, 100 to 600,000. Default 5,000. */
  readonly windowMillis?: number;
  /**
   * From the beginning of a window to that of the next, milliseconds, `windowMillis` to 3,600,000.
   * Default `windowMillis`: sampling without a gap. With a longer period the sampler rests in
   * between.
   */
  readonly periodMillis?: number;
  /**
   * Removes the bias of V8's sampler against short bursts of work. Default true. The event loop of
   * each sampled thread then blocks SIGPROF while it waits, for the life of the loop. `false`
   * leaves V8's sampler as it is, and no warning says that samples are not fair.
   */
  readonly fairSampling?: boolean;
  /** Where failures are reported. Default: nowhere. */
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
 * Fills in the defaults. @throws InvalidOptionError naming the option, its value and what is
 * allowed.
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
  for (const method of ['error', 'warn', 'debug'] as const) {
    if (typeof logger[method] !== 'function') {
      throw new InvalidOptionError(`logger.${method}`, logger[method], 'a function');
    }
  }
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

/** @throws InvalidOptionError naming the option, its value and what is allowed. */
export function resolveReaderOptions(options: ConsumerOptions): ConsumerOptions {
  knownKeys('ConsumerOptions', options, ['samplingIntervalMicros']);
  const { samplingIntervalMicros } = options;
  if (samplingIntervalMicros !== undefined) samplingInterval(samplingIntervalMicros);
  return options;
}

function samplingInterval(micros: unknown): number {
  return integerInRange('samplingIntervalMicros', micros, 500, 1_000_000);
}

/**
 * A stalled event loop closes its window late: room for several windows, at least half a minute. And in one window for the signals
 * of a line-level profile, one a millisecond, which fill the buffer too; it holds twice what it is said to.
 */
export function bufferMillis(windowMillis: number, intervalMicros: number): number {
  const forLines = Math.ceil((windowMillis / 2) * (intervalMicros / 1000 + 1));
  return Math.max(30_000, windowMillis * 4, forLines);
}
