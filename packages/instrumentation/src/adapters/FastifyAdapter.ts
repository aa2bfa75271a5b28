import { subscribe } from 'node:diagnostics_channel';
import { withRule } from '../rule';
import { safeRule } from '../wrapRule';
import type { RouteConfig, RouteRequest } from './RouteConfig';
import { type LibraryFile, RuleAdapter } from './RuleAdapter';

/** Options of {@link FastifyAdapter}. */
export type FastifyConfig = RouteConfig;

interface FastifyRequest extends RouteRequest {
  readonly routeOptions: { readonly url?: string };
}

type Call = (...args: unknown[]) => unknown;
/** The options of a route: its handler and hooks, by name. */
type Route = Record<string, unknown>;

interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: Route) => void): void;
  addHook(
    name: string,
    hook: (request: FastifyRequest, reply: unknown, done: () => void) => void,
  ): void;
}

/** What a route calls with the request: its handler and its own hooks. */
const CALLS = [
  'handler',
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
  'onError',
  'onTimeout',
  'onRequestAbort',
];

/**
 * Runs each request of Fastify in a rule of its route, such as `GET /api/users/:id`, from the first
 * hook on. A request that matches no route has no rule.
 *
 * A hook that goes on in an older Context, or the events of a request's body, can end the rule. So it
 * is entered again before the validation, in each hook of a route and in the handler.
 */
export class FastifyAdapter extends RuleAdapter<FastifyConfig> {
  // No initializer: the base class calls enable() in its constructor.
  declare private subscribed: boolean | undefined;

  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: FastifyConfig = {}) {
    super('fastify', config, ['ruleOf']);
  }

  /** Fastify announces new instances itself, also in a bundle. */
  protected override files(): LibraryFile<never>[] {
    return [];
  }

  override enable(): void {
    super.enable();
    if (!this.isOn || this.subscribed === true) return;
    this.subscribed = true;
    subscribe('fastify.initialization', (message) =>
      this.addHooks((message as { fastify: FastifyInstance }).fastify),
    );
  }

  /** Adds the first hooks that the instance gets, so the hooks of all plugins run in the rule. */
  private addHooks(fastify: FastifyInstance): void {
    for (const name of ['onRequest', 'preValidation']) {
      fastify.addHook(name, (request, _reply, done) => {
        const rule = safeRule(() => this.ruleIn(request));
        if (rule === undefined) done();
        else withRule(rule, () => done());
      });
    }
    fastify.addHook('onRoute', (route) => {
      for (const name of CALLS) {
        const calls = route[name];
        if (!Array.isArray(calls)) {
          this.wrapCall(route, name);
          continue;
        }
        // A copy: other routes may have the same array.
        const copy: unknown[] = (route[name] = [...(calls as unknown[])]);
        for (const i of copy.keys()) this.wrapCall(copy, i);
      }
    });
  }

  private wrapCall(target: object, name: string | number): void {
    const calls = target as Record<string | number, Call>;
    // Fastify itself refuses what is no function.
    if (typeof calls[name] !== 'function') return;
    this.wrapRule(calls, name, (_self, ...args) => this.ruleIn(args.find(isRequest)));
  }

  private ruleIn(request: FastifyRequest | undefined): string | undefined {
    const url = this.isOn ? request?.routeOptions.url : undefined;
    if (request === undefined || url === undefined) return undefined;
    const name = `${request.method} ${url}`;
    const { ruleOf } = this._config;
    return ruleOf === undefined ? name : ruleOf(request, name);
  }
}

/** Most calls get the request first, but those of WebSockets get it second. */
function isRequest(value: unknown): value is FastifyRequest {
  return typeof value === 'object' && value !== null && 'routeOptions' in value;
}
