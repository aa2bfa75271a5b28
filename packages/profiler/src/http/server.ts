import type { IncomingMessage, ServerResponse } from 'node:http';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import { type Authorize, checkAccess } from './accessControl';
import {
  DISCONNECTED,
  type Endpoint,
  HttpError,
  type Reply,
  SHUTTING_DOWN,
  errorReply,
  redirectReply,
  send,
} from './endpoint';
import { USAGE } from './usageEndpoint';

/** The endpoint that a request is for. */
export interface Route {
  /** The path below the mount point, such as `profile`; empty for the index page. */
  readonly name: string;
  /** Without the `?`. */
  readonly query: string;
  /** The path of the index page as the client wrote it, with or without a slash at its end. */
  readonly indexPath: string;
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
      .catch((thrown: unknown) => {
        this.report(thrown);
        // No reply can be sent. Without an end, the client would wait for one.
        request.socket.destroy();
      })
      .finally(() => this.underWay.delete(controller));
    this.underWay.set(controller, answered);
  }

  /** Ends the recordings under way. Resolves when all requests are answered. Never rejects. */
  async close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      try {
        this.parts.release();
      } catch (thrown) {
        this.report(thrown);
      }
    }
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

/**
 * Finds the route of a request, below the handler's own path or below the mount point of a
 * framework. The usage of rules is also found beside the handler's own path: `/debug/rules/usage`
 * for `/debug/pprof`.
 *
 * @param url As the handler gets it.
 * @param originalUrl As the client sent it. Express and connect remove the mount point from `url`.
 * @param path The handler's own path: `/`, or a path without a slash at its end.
 * @returns `undefined` when the request is outside both. The endpoint need not exist.
 */
export function findRoute(
  url: string,
  originalUrl: string | undefined,
  path: string,
): Route | undefined {
  const [pathname, query] = split(url);
  const [original] = split(originalUrl ?? url);
  const base = path === '/' ? '' : path;
  const usagePath = path.replace(/[^/]*$/, USAGE);
  if (pathname === usagePath || original === usagePath) {
    return { name: USAGE, query, indexPath: `${base}/` };
  }
  if (base !== '' && pathname === base) return { name: '', query, indexPath: pathname };
  if (pathname.startsWith(`${base}/`)) {
    return { name: pathname.slice(base.length + 1), query, indexPath: `${base}/` };
  }
  if (originalUrl === undefined || originalUrl === url) return undefined;
  const name = pathname.slice(1);
  return { name, query, indexPath: original.slice(0, original.length - name.length) };
}

/**
 * Returns the relative location of the index page when the client left out its last slash. Links
 * on the page work only with that slash.
 */
export function indexRedirect({ indexPath, query }: Route): string | undefined {
  if (indexPath.endsWith('/')) return undefined;
  const last = indexPath.slice(indexPath.lastIndexOf('/') + 1);
  return `./${last}/${query === '' ? '' : `?${query}`}`;
}

function split(url: string): [pathname: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
