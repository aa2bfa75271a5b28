import { InvalidOptionError } from '../base/errors';
import type { ColumnNumbers, SourceMapper } from '../native/loadNative';

/**
 * Options of `time.start` and `time.profile`, as in `@datadog/pprof`. Unknown options are ignored,
 * as in the original.
 */
export interface TimeProfilerOptions {
  /**
   * Length of the recording of `profile`, milliseconds, greater than 0. Default 60,000. `start`
   * ignores it and records until `stop`.
   */
  readonly durationMillis?: number | undefined;
  /**
   * Mean time between two samples, microseconds, greater than 0. Default 1,000. A value below 500
   * counts as 500, because shorter intervals would leave the machine little time for anything else.
   * The profile's period states the interval used.
   */
  readonly intervalMicros?: number | undefined;
  /** Maps each function to its original source. Default: no mapping. */
  readonly sourceMapper?: SourceMapper | undefined;
  /**
   * Makes a location for each line instead of one for each function. Cannot be combined with
   * `withContexts`. Default `false`.
   */
  readonly lineNumbers?: boolean | undefined;
  /** Gives each sample the context that was current. Default `false`. */
  readonly withContexts?: boolean | undefined;
  /**
   * Accepted and ignored. The bug that the option works around is detected and repaired in any
   * case.
   */
  readonly workaroundV8Bug?: boolean | undefined;
  /** Adds the sample type `cpu`. Needs `withContexts`. Default `false`. */
  readonly collectCpuTime?: boolean | undefined;
  /**
   * Gives each sample the async id that was executing, as `context.asyncId` of `generateLabels`. It
   * is -1 outside JavaScript. Needs `withContexts`. Default `false`. The samples of other readers
   * have it too meanwhile.
   */
  readonly collectAsyncId?: boolean | undefined;
  /**
   * Attaches contexts to asynchronous flows. Works on every supported version of Node.js. Default
   * `false`: a context belongs to the thread until the next one is set.
   */
  readonly useCPED?: boolean | undefined;
  /** What happens to column numbers. Default `'drop'`. */
  readonly columnNumbers?: ColumnNumbers | undefined;
}

/** The options with the defaults filled in. */
export interface ResolvedTimeOptions {
  readonly durationMillis: number;
  readonly intervalMicros: number;
  readonly sourceMapper: SourceMapper | undefined;
  readonly lineNumbers: boolean;
  readonly contexts: 'none' | 'thread' | 'flow';
  readonly collectCpuTime: boolean;
  readonly collectAsyncId: boolean;
  readonly columnNumbers: ColumnNumbers | undefined;
}

const MIN_INTERVAL_MICROS = 500;

/**
 * Returns `options` with the defaults filled in. `null` counts as no options, as in the original.
 * @throws InvalidOptionError if the original would throw too.
 */
export function resolveTimeOptions(given?: TimeProfilerOptions | null): ResolvedTimeOptions {
  const options = given ?? {};
  const { lineNumbers = false, withContexts = false } = options;
  if (lineNumbers && withContexts) {
    throw new InvalidOptionError('lineNumbers', lineNumbers, 'false when withContexts is true');
  }
  const withContextsOnly = (option: 'collectCpuTime' | 'collectAsyncId'): boolean => {
    const value = options[option] ?? false;
    if (!value || withContexts) return value;
    throw new InvalidOptionError(option, value, 'false unless withContexts is true');
  };
  const contextsOf = options.useCPED ? 'flow' : 'thread';
  return {
    durationMillis: positive('durationMillis', options.durationMillis ?? 60_000),
    intervalMicros: Math.max(
      MIN_INTERVAL_MICROS,
      positive('intervalMicros', options.intervalMicros ?? 1_000),
    ),
    sourceMapper: options.sourceMapper,
    lineNumbers,
    contexts: withContexts ? contextsOf : 'none',
    collectCpuTime: withContextsOnly('collectCpuTime'),
    collectAsyncId: withContextsOnly('collectAsyncId'),
    columnNumbers: options.columnNumbers,
  };
}

function positive(option: string, value: unknown): number {
  if (typeof value !== 'number' || !(value > 0)) {
    throw new InvalidOptionError(option, value, 'a positive number');
  }
  return value;
}
