import { InvalidOptionError } from '../base/errors';
import type { ColumnNumbers, SourceMapper } from '../native/loadNative';

/** Options of `time.start` and `time.profile`: those of `@datadog/pprof`. Others are ignored, as it does. */
export interface TimeProfilerOptions {
  /** How long `profile` records, milliseconds. Default 60,000. `start` records until `stop`, however long. */
  readonly durationMillis?: number | undefined;
  /**
   * Mean time between two samples, microseconds. Default 1,000. Below 500 it is 500: the machine would do little else. The
   * profile's period says what it was.
   */
  readonly intervalMicros?: number | undefined;
  /** Finds the original of each function. */
  readonly sourceMapper?: SourceMapper | undefined;
  /** One location for each line, not for each function. Not with `withContexts`. Default `false`. */
  readonly lineNumbers?: boolean | undefined;
  /** Samples have the context that was current. Default `false`. */
  readonly withContexts?: boolean | undefined;
  /** Taken and ignored: what it works around is noticed and mended. */
  readonly workaroundV8Bug?: boolean | undefined;
  /** Adds the sample type `cpu`; needs `withContexts`. Default `false`. */
  readonly collectCpuTime?: boolean | undefined;
  /** Taken and ignored: samples have no `asyncId`. */
  readonly collectAsyncId?: boolean | undefined;
  /**
   * Contexts belong to asynchronous flows, on any version of Node.js. Default `false`: to the thread, until the next
   * is set.
   */
  readonly useCPED?: boolean | undefined;
  /** What becomes of columns. Default `'drop'`. */
  readonly columnNumbers?: ColumnNumbers | undefined;
}

/** With the defaults filled in. */
export interface ResolvedTimeOptions {
  readonly durationMillis: number;
  readonly intervalMicros: number;
  readonly sourceMapper: SourceMapper | undefined;
  readonly lineNumbers: boolean;
  readonly contexts: 'none' | 'thread' | 'flow';
  readonly collectCpuTime: boolean;
  readonly columnNumbers: ColumnNumbers | undefined;
}

const MIN_INTERVAL_MICROS = 500;

/** @throws InvalidOptionError where the original throws. */
export function resolveTimeOptions(options: TimeProfilerOptions = {}): ResolvedTimeOptions {
  const { lineNumbers = false, withContexts = false, collectCpuTime = false } = options;
  if (lineNumbers && withContexts) {
    throw new InvalidOptionError('lineNumbers', lineNumbers, 'false when withContexts is true');
  }
  if (collectCpuTime && !withContexts) {
    throw new InvalidOptionError(
      'collectCpuTime',
      collectCpuTime,
      'false unless withContexts is true',
    );
  }
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
    collectCpuTime,
    columnNumbers: options.columnNumbers,
  };
}

function positive(option: string, value: unknown): number {
  if (typeof value !== 'number' || !(value > 0)) {
    throw new InvalidOptionError(option, value, 'a positive number');
  }
  return value;
}
