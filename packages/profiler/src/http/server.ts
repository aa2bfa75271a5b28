import type { IncomingMessage, ServerResponse } from 'node:http';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import { type Authorize, checkAccess } from './accessControl';
import {
  DISCONNECTED,
  HttpError,
  type Reply,
  SHUTTING_DOWN,
  errorReply,
  redirectReply,
  send,
} from './reply';
import { type Route, findRoute, indexRedirect } from './route';

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
  /** For each command: flags of `go tool pprof`, and the query of the URL. */
  readonly commands: readonly { readonly flags: string; readonly query: string }[];
}

/** One page below `/debug/pprof/`. */
export interface Endpoint {
  /** The last part of its path. */
  readonly name: string;
  /** Left out: the index page does not list it. */
  help?(): EndpointHelp;
  /** @throws HttpError */
  answer(request: EndpointRequest): Reply | Promise<Reply>;
}

export interface ServerParts {
  readonly endpoints: readonly Endpoint[];
  readonly authorize: Authorize | undefined;
  readonly logger: Logger;
  /** See `PprofHandlerOptions`. */
  readonly path: string;
  /** Called once, when the server closes. */
  readonly release: () => void;
}

/** Passes requests to the endpoints and sends their replies. Never throws, never rejects. */
export class PprofServer {
  private readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** For each request under way, a promise that resolves when it is answered. */
  private readonly underWay = new Map<AbortController, Promise<void>>();
  private closed = false;

  constructor(private readonly parts: ServerParts) {
    this.endpoints = new Map(parts.endpoints.map((endpoint) => [endpoint.name, endpoint]));
  }

  /** Answers `request`. Calls `next` instead if there is one and no endpoint matches. */
  handle(request: IncomingMessage, response: ServerResponse, next?: () => void): void {
    const { originalUrl } = request as { originalUrl?: string };
    const route = findRoute(request.url ?? '/', originalUrl, this.parts.path);
    const endpoint = route && this.endpoints.get(route.name);
    if (endpoint === undefined && next !== undefined) return next();
    const controller = new AbortController();
    // Not read from the signal: a client can also disconnect after a shutdown has aborted it.
    let connected = true;
    const disconnect = (): void => {
      connected = false;
      controller.abort(DISCONNECTED);
    };
    if (response.destroyed) disconnect();
    response.once('close', disconnect);
    const answered = this.answer(request, controller.signal, route, endpoint)
      .catch((thrown: unknown) => this.replyToError(thrown))
      .then((reply) => {
        if (connected) send(request, response, reply, this.closed);
      })
      .catch((thrown: unknown) => this.report(thrown))
      .finally(() => this.underWay.delete(controller));
    this.underWay.set(controller, answered);
  }

  /** Ends the recordings under way. Resolves when all requests are answered. */
  async close(): Promise<void> {
    if (!this.closed) this.parts.release();
    this.closed = true;
    const answered = [...this.underWay.values()];
    for (const controller of this.underWay.keys()) controller.abort(SHUTTING_DOWN);
    await Promise.all(answered);
  }

  private async answer(
    request: IncomingMessage,
    signal: AbortSignal,
    route: Route | undefined,
    endpoint: Endpoint | undefined,
  ): Promise<Reply> {
    const { authorize, logger, path } = this.parts;
    await checkAccess(request, authorize, logger, signal);
    signal.throwIfAborted();
    if (this.closed) throw SHUTTING_DOWN;
    if (route === undefined) throw new HttpError(404, `profiles are served below ${path}`);
    if (endpoint === undefined) {
      const listed = [...this.endpoints.values()].filter(({ help }) => help !== undefined);
      const names = listed.map(({ name }) => name).join(', ');
      throw new HttpError(404, `there is no such profile; available: ${names}`);
    }
    const { method = '', socket } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      throw new HttpError(405, `the method must be GET or HEAD; got ${method}`, {
        Allow: 'GET, HEAD',
      });
    }
    const redirect = indexRedirect(route);
    if (redirect !== undefined) return redirectReply(redirect);
    return endpoint.answer({
      query: route.query,
      signal,
      headOnly: method === 'HEAD',
      idleLimitMillis: socket.timeout ?? 0,
      indexPath: route.indexPath,
      origin: originOf(request),
    });
  }

  private replyToError(thrown: unknown): Reply {
    if (thrown instanceof HttpError) return errorReply(thrown);
    this.report(thrown);
    return errorReply(new HttpError(500, `the profiler failed: ${toError(thrown).message}`));
  }

  private report(thrown: unknown): void {
    this.parts.logger.error('rulescope: the pprof handler failed', toError(thrown));
  }
}

function originOf({ socket, headers }: IncomingMessage): string {
  const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
  return `${scheme}://${headers.host ?? 'localhost'}`;
}
