import { samplingIntervalOf } from '../collector/options';
import { HttpError } from './endpoint';

/** The values of each label of which a sample must have one. Empty: every sample is selected. */
export type LabelSelection = Readonly<Record<string, readonly string[]>>;

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
export interface HeapQuery extends Pick<ProfileQuery, 'thread' | 'sources'> {
  /** `undefined`: not given. */
  readonly seconds: number | undefined;
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

/** Put before the name of a label that has the same name as a parameter. */
const LABEL_PREFIX = 'label.';

/** Takes the parameters of a request one by one. What is left over are labels. */
export class QueryParameters {
  private readonly values = new Map<string, string[]>();

  /** @param query Without the `?`. */
  constructor(query: string) {
    for (const [name, value] of new URLSearchParams(query)) {
      const values = this.values.get(name);
      if (values === undefined) this.values.set(name, [value]);
      else values.push(value);
    }
  }

  /** Takes a number from `min` to `max`. @throws HttpError 400 */
  number(name: string, min: number, max: number): number | undefined {
    return this.numeric(name, /^\d{1,10}(\.\d{1,9})?$/, min, max, 'a number');
  }

  /** Takes an integer from `min` to `max`. @throws HttpError 400 */
  integer(name: string, min: number, max: number): number | undefined {
    return this.numeric(name, /^\d{1,10}$/, min, max, 'an integer');
  }

  /** Takes one of `choices`. @throws HttpError 400 */
  choice(name: string, choices: readonly number[]): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const choice = choices.find((each) => String(each) === text);
    if (choice === undefined) throw bad(name, text, `one of ${choices.join(', ')}`);
    return choice;
  }

  /** Takes `1` or `0`. @throws HttpError 400 */
  flag(name: string): boolean {
    const text = this.take(name);
    if (text !== undefined && text !== '0' && text !== '1') throw bad(name, text, '0 or 1');
    return text === '1';
  }

  /** Takes a parameter that Go has and rulescope lacks. @throws HttpError 400 unless it is `0`. */
  unsupported(name: string, reason: string): void {
    const text = this.take(name);
    if (text !== undefined && text !== '0') throw bad(name, text, `0 (${reason})`);
  }

  /** Takes all that is left as labels. A label that is given twice may have either value. */
  labels(): LabelSelection {
    const selection = new Map<string, Set<string>>();
    for (const [name, values] of this.values) {
      const label = name.startsWith(LABEL_PREFIX) ? name.slice(LABEL_PREFIX.length) : name;
      selection.set(label, new Set([...(selection.get(label) ?? []), ...values]));
    }
    this.values.clear();
    return Object.fromEntries([...selection].map(([label, values]) => [label, [...values]]));
  }

  /** @throws HttpError 400 when a parameter is left. */
  end(reason: string): void {
    for (const [name, [value = '']] of this.values) {
      throw bad(quote(name), value, `omitted (${reason})`);
    }
  }

  private numeric(
    name: string,
    pattern: RegExp,
    min: number,
    max: number,
    kind: string,
  ): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const value = pattern.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw bad(name, text, `${kind} from ${min} to ${max}`);
    return value;
  }

  /** Takes any text. @throws HttpError 400 when it is given twice. */
  take(name: string): string | undefined {
    const values = this.values.get(name);
    if (values === undefined) return undefined;
    this.values.delete(name);
    if (values.length > 1) {
      throw new HttpError(400, `${name} must be given once; got ${values.length} values`);
    }
    return values[0];
  }
}

function bad(name: string, value: string, allowed: string): HttpError {
  return new HttpError(400, `${name} must be ${allowed}; got ${quote(value)}`);
}

/** Returns `text` in quotation marks, shortened. */
function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
