import { wrapMethod } from '../wrapMethod';
import type { RouteRequest } from './RouteConfig';

/** What the adapter needs to know of a request of Express. */
export interface ExpressRequest extends RouteRequest {
  /** The part of the path that mounts have matched. */
  readonly baseUrl?: string;
}

type Path = string | RegExp;
type Next = (error?: unknown) => void;
type Handle = (request: ExpressRequest, response: unknown, next: Next) => unknown;

/** A handler in a router, with the path that it is called for. */
export interface ExpressLayer {
  /** Set if the handler is a route; otherwise it is middleware or a router. */
  readonly route?: { readonly path: Path | readonly Path[] };
  readonly handleRequest: Handle;
  readonly handle_request: Handle;
}

/** A router, or the prototype of all routers. */
export interface ExpressRouter {
  readonly stack: readonly ExpressLayer[];
  use(...args: unknown[]): unknown;
}

/** Patterns of mounts that are longer, in characters, get no longer. */
const MAX_LENGTH = 256;

/**
 * Remembers the pattern under which a request has been mounted. Express itself keeps only the part
 * of the URL that the pattern has matched.
 */
export class ExpressMounts {
  private readonly paths = new WeakMap<ExpressLayer, string>();
  private readonly mounted = new WeakMap<ExpressRequest, string>();

  /** Returns the pattern, empty if there is no mount, `undefined` if it is not known. */
  of(request: ExpressRequest): string | undefined {
    const unmounted = request.baseUrl === undefined || request.baseUrl === '';
    return this.mounted.get(request) ?? (unmounted ? '' : undefined);
  }

  /** Watches which paths routers mount handlers at. */
  watchRouters(prototype: ExpressRouter): void {
    wrapMethod(prototype, 'use', () => (use, { stack }, args) => {
      const { length } = stack;
      const result = use();
      const [first] = args;
      // The path is optional. Paths and handlers can be in arrays, also nested ones.
      const [inner] = [first].flat(Infinity);
      const path = typeof inner === 'function' ? '' : patternOf(first as Path);
      if (path !== '') for (const layer of stack.slice(length)) this.paths.set(layer, path);
      return result;
    });
  }

  /** Watches when requests enter and leave mounted handlers. */
  watchLayers(prototype: ExpressLayer, method: 'handleRequest' | 'handle_request'): void {
    const { paths, mounted } = this;
    wrapMethod(prototype, method, () => (handle, layer, [request, response, next]) => {
      const path = paths.get(layer);
      if (path === undefined) return handle();
      const outer = mounted.get(request) ?? '';
      // A router that is mounted in itself has no end.
      mounted.set(request, outer.length > MAX_LENGTH ? outer : outer + path);
      const leave: Next = (error) => {
        mounted.set(request, outer);
        next(error);
      };
      return handle([request, response, leave]);
    });
  }
}

/** Returns the name of a path. A path without its last slash matches the same requests. */
export function patternOf(path: Path | readonly Path[]): string {
  return typeof path === 'string' && path.endsWith('/') ? path.slice(0, -1) : String(path);
}
