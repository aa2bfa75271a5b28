import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Profile } from '../pprof/Profile';
import { encodeInTurns } from '../pprof/toPprofInTurns';

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
  /** Works within a `ConcurrencyLimit`, unless the answer costs nothing. @throws HttpError */
  answer(request: EndpointRequest): Reply | Promise<Reply>;
}

/** A reply to a request. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Not sent when the request is a HEAD. */
  readonly body: string | Uint8Array;
}

/** An error with a status code. Its message is the body of the reply. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The reason with which a request's signal aborts when its client disconnects. Never sent. */
export const DISCONNECTED = new HttpError(499, 'the client disconnected');

/** The reason with which a request's signal aborts when the handler closes. */
export const SHUTTING_DOWN = new HttpError(503, 'this server is shutting down');

const TEXT = 'text/plain; charset=utf-8';

/** Sent with every reply. Replies are never cached, and pages of other sites cannot embed them. */
const COMMON_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const gzipAsync = promisify(gzip);

/** Fixed names: no text from outside gets into a header. */
export type ProfileFileName =
  'profile.pb.gz' | 'profile-lines.pb.gz' | 'heap.pb.gz' | 'allocs.pb.gz';

/**
 * Returns a reply that downloads `profile`, as Go's net/http/pprof sends it. gzip belongs to the
 * pprof format; it is not an HTTP encoding. The event loop runs while the profile is encoded, and
 * another thread compresses it.
 *
 * @param profile A profile, or its encoding. Left out for a HEAD request.
 */
export async function profileReply(
  fileName: ProfileFileName,
  profile?: Profile | Uint8Array,
): Promise<Reply> {
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename="${fileName}"`,
    },
    body: profile === undefined ? '' : await compress(profile),
  };
}

async function compress(profile: Profile | Uint8Array): Promise<Uint8Array> {
  return gzipAsync(profile instanceof Uint8Array ? profile : await encodeInTurns(profile));
}

/** @param value Left out for a HEAD request. */
export function jsonReply(value?: object): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: value === undefined ? '' : `${JSON.stringify(value, undefined, 2)}\n`,
  };
}

/** Returns the reply for `error`. The header `X-Go-Pprof` makes `go tool pprof` print the body. */
export function errorReply({ status, message, headers }: HttpError): Reply {
  return {
    status,
    headers: { ...headers, 'Content-Type': TEXT, 'X-Go-Pprof': '1' },
    body: `${message}\n`,
  };
}

/** @param location Relative, so that it is correct behind any proxy. */
export function redirectReply(location: string): Reply {
  return {
    status: 302,
    headers: { 'Content-Type': TEXT, Location: location },
    body: `Moved to ${location}\n`,
  };
}

/**
 * Sends `reply`, unless other code has already answered or the connection is closed.
 *
 * @param closeConnection Tells an HTTP/1 client to send no further request on this connection.
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  closeConnection: boolean,
): void {
  if (response.headersSent || response.writableEnded || response.destroyed) return;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, {
    ...COMMON_HEADERS,
    ...reply.headers,
    // A HEAD request records nothing, so the length of the reply to a GET is not known.
    ...(request.method === 'HEAD' ? {} : { 'Content-Length': body.byteLength }),
    // HTTP/2 has no such header.
    ...(closeConnection && request.httpVersionMajor === 1 ? { Connection: 'close' } : {}),
  });
  // Node.js leaves the body out of the reply to a HEAD request.
  response.end(body);
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
    answer: () => ({
      status: 200,
      headers: { 'Content-Type': TEXT },
      body: commandLine.join('\0'),
    }),
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
