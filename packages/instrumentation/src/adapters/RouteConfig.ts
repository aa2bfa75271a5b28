import type { IncomingHttpHeaders } from 'node:http';
import type { AdapterConfig } from './RuleAdapter';

/** What all web frameworks know of a request. */
export interface RouteRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Options of the adapters for web frameworks. */
export interface RouteConfig extends AdapterConfig {
  /**
   * Returns the rule id of a request, such as its tenant, or `undefined` to leave the request to the
   * rule of the caller. Called when the request reaches its route. Default: the route.
   *
   * @param request The framework's own request, after the middleware or hooks before the route.
   * @param route Method and pattern of the route, such as `GET /users/:id`.
   */
  ruleOf?(request: RouteRequest, route: string): string | undefined;
}
