import { toError } from '../base/errors';
import { untilAborted } from '../base/untilAborted';
import type { Clock } from '../collector/Clock';
import type { ConcurrencyLimit } from './accessControl';
import { DISCONNECTED, HttpError, type Reply, textReply } from './reply';

/** A request for an endpoint that access control has admitted. */
interface EndpointRequest {
  /** Without the `?`. */
  readonly query: string;
  /** Aborts when the client disconnects or the handler closes. */
  readonly signal: AbortSignal;
  /** The client wants the headers only, so nothing is recorded. */
  readonly headOnly: boolean;
  /** The server closes connections that are silent for so long, milliseconds; 0: never. */
  readonly idleLimitMillis: number;
  /** The path of the index page. */
  readonly indexPath: string;
  /** Scheme and host as the client wrote them. Do not trust them. */
  readonly origin: string;
}

/** What the index page says about an endpoint. */
export interface EndpointHelp {
  readonly summary: string;
  /** Why it cannot serve now. */
  readonly unavailable?: string | undefined;
  readonly parameters: readonly { readonly usage: string; readonly meaning: string }[];
  /** Commands of a shell that end with the URL of the endpoint, each with the query of the URL. */
  readonly commands: readonly { readonly command: string; readonly query: string }[];
}

/** One page below `/debug/pprof/`. */
export interface Endpoint {
  /** The path below the index page. */
  readonly name: string;
  /** Left out: the index page does not list it. */
  help?(): EndpointHelp;
  /** Works within a {@link ConcurrencyLimit}, unless the answer costs nothing. @throws HttpError */
  answer(request: EndpointRequest): Reply | Promise<Reply>;
}

/** Returns the endpoint `cmdline`, in the format of Go. */
export function commandLineEndpoint(commandLine: readonly string[]): Endpoint {
  return {
    name: 'cmdline',
    help: () => ({
      summary: 'The command line of the process. NUL separates its arguments.',
      parameters: [],
      commands: [],
    }),
    answer: () => textReply(commandLine.join('\0')),
  };
}

/** Returns an endpoint that says why Go's endpoint of that name is missing. */
export function absentEndpoint(name: string, reason: string): Endpoint {
  return {
    name,
    answer() {
      throw new HttpError(404, `${name} is not served by design: ${reason}`);
    },
  };
}

/** What all endpoints that record need. */
export interface RecordingParts {
  readonly clock: Clock;
  readonly limit: ConcurrencyLimit;
  /** Returns why nothing can ever be sampled in this thread: the native code does not load. */
  readonly whyUnsupported: () => Error | undefined;
  readonly maxSeconds: number;
}

/** Returns the error for a thread in which nothing can ever be sampled. */
export function unsupported({ whyUnsupported }: RecordingParts): HttpError | undefined {
  const reason = whyUnsupported();
  return reason && new HttpError(501, reason.message);
}

/** Returns what `action` returns. @throws HttpError 503 when it throws. */
export function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw recordingFailed(toError(thrown));
  }
}

/** Returns the error for a recording that failed, for now: another request may succeed. */
export function recordingFailed({ message }: { readonly message: string }): HttpError {
  return new HttpError(503, `the recording failed: ${message}`);
}

/**
 * Resolves after `seconds`, or as soon as `signal` aborts. Never rejects, so that the caller can
 * stop what it records.
 *
 * @returns the comments for the profile: one when the recording ended early.
 */
export async function recordingEnd(
  seconds: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<string[]> {
  const startMillis = clock.now().monotonicMillis;
  let cancel: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (cancel = clock.after(seconds * 1000, resolve)));
  try {
    await untilAborted(ended, signal);
    return [];
  } catch {
    const elapsed = ((clock.now().monotonicMillis - startMillis) / 1000).toFixed(1);
    return [`ended after ${elapsed} s of ${seconds} s: the server was shutting down`];
  } finally {
    cancel();
  }
}

/** @throws DISCONNECTED when nobody waits for the profile any more. */
export function throwIfDisconnected(signal: AbortSignal): void {
  if (signal.reason === DISCONNECTED) throw DISCONNECTED;
}
