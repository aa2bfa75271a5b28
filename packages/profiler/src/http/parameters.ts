import { type LabelSelection, QueryParameters, quote } from './QueryParameters';
import { HttpError } from './reply';

/** What a request for a CPU profile asks for. */
export interface ProfileQuery {
  readonly seconds: number;
  /** Empty: the default of the sampler. */
  readonly rate: { readonly samplingIntervalMicros?: number };
  /** Records line by line, without labels. */
  readonly lines: boolean;
  /** The name of a thread. `undefined`: this one. */
  readonly thread: string | undefined;
  /** Shows original sources instead of the scripts that run. */
  readonly sources: boolean;
  readonly labels: LabelSelection;
}

/** What a request for a heap profile asks for. */
export interface HeapQuery {
  /** `undefined`: not given. */
  readonly seconds: number | undefined;
  /** As in {@link ProfileQuery}. */
  readonly thread: string | undefined;
  /** As in {@link ProfileQuery}. */
  readonly sources: boolean;
}

/** What limits the length of a recording. */
export interface SecondsLimits {
  readonly maxSeconds: number;
  /** The server closes connections that are silent for so long, milliseconds; 0: never. */
  readonly idleLimitMillis: number;
}

/** The default of Go. */
export const DEFAULT_SECONDS = 30;
export const MIN_SECONDS = 0.1;

/**
 * Samples per second that a request can ask for. The list is short because the native sampler
 * keeps memory for each interval until the process ends.
 */
export const SAMPLE_RATES: readonly number[] = [10, 25, 50, 100, 200, 500, 1000];

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

/** Returns the default length of a recording. @throws HttpError 400 when the server cuts it off. */
export function defaultSeconds(limits: SecondsLimits): number {
  return withinIdleLimit(Math.min(DEFAULT_SECONDS, limits.maxSeconds), limits);
}

/** Parses the query of `profile`. @throws HttpError 400 */
export function parseProfileQuery(query: string, limits: SecondsLimits): ProfileQuery {
  const parameters = new QueryParameters(query);
  const seconds = secondsOf(parameters, limits) ?? defaultSeconds(limits);
  const lines = parameters.flag('lines');
  const hz = parameters.choice('hz', SAMPLE_RATES);
  const thread = parameters.take('thread');
  const sources = parameters.flag('sources');
  parameters.unsupported('debug', '`go tool pprof -top` prints a profile as text');
  parameters.unsupported('gc', 'V8 decides when to collect garbage');
  const labels = parameters.labels();
  const names = Object.keys(labels).map(quote);
  if (lines && names.length > 0) {
    throw new HttpError(
      400,
      `lines=1 records without labels, so it cannot be combined with ${names.join(', ')}`,
    );
  }
  const rate = hz === undefined ? {} : { samplingIntervalMicros: samplingIntervalOf(hz) };
  return { seconds, rate, lines, thread, sources, labels };
}

/** Parses the query of `heap` and `allocs`. @throws HttpError 400 */
export function parseHeapQuery(query: string, limits: SecondsLimits): HeapQuery {
  const parameters = new QueryParameters(query);
  const seconds = secondsOf(parameters, limits);
  const thread = parameters.take('thread');
  const sources = parameters.flag('sources');
  parameters.unsupported('debug', '`go tool pprof -top` prints a profile as text');
  parameters.unsupported('gc', 'V8 decides when to collect garbage');
  parameters.end('heap samples have no labels; known parameters: seconds, thread, sources');
  return { seconds, thread, sources };
}

/** Takes `seconds`. @throws HttpError 400, also when the server cuts the recording off. */
function secondsOf(parameters: QueryParameters, limits: SecondsLimits): number | undefined {
  const seconds = parameters.number('seconds', MIN_SECONDS, limits.maxSeconds);
  return seconds === undefined ? undefined : withinIdleLimit(seconds, limits);
}

function withinIdleLimit(seconds: number, { idleLimitMillis }: SecondsLimits): number {
  if (idleLimitMillis > 0 && seconds * 1000 >= idleLimitMillis) {
    throw new HttpError(
      400,
      `seconds must be less than ${idleLimitMillis / 1000}, after which this server closes ` +
        `silent connections (server.timeout); got ${seconds}`,
    );
  }
  return seconds;
}
