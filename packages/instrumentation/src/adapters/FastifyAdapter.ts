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

type EnterHook = (request: FastifyRequest, reply: unknown, done: () => void) => void;
type RouteHook = (route: Route) => void;

interface FastifyInstance {
  addHook(name: string, hook: EnterHook | RouteHook): void;
  readonly [hooks: symbol]: Partial<Record<string, (EnterHook | RouteHook)[]>> | undefined;
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

  private addHooks(fastify: FastifyInstance): void {
    const enter: EnterHook = (request, _reply, done) => {
      const rule = safeRule(() => this.ruleIn(request));
      if (rule === undefined) done();
      else withRule(rule, () => done());
    };
    addFirst(fastify, 'onRequest', enter);
    addFirst(fastify, 'preValidation', enter);
    addFirst(fastify, 'onRoute', (route: Route) => {
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

/**
 * Puts a hook before those that plugins have added already. @fastify/otel keeps the Context in which
 * its own hook runs, and wraps hooks and handlers in it. The rule has to be in that Context, and our
 * wrapper inside its wrapper. Fastify's own method can only add a hook at the end.
 */
function addFirst(fastify: FastifyInstance, name: string, hook: EnterHook | RouteHook): void {
  const symbols = Object.getOwnPropertySymbols(fastify);
  const key = symbols.find(({ description }) => description === 'fastify.hooks');
  const hooks = key === undefined ? undefined : fastify[key]?.[name];
  if (Array.isArray(hooks)) hooks.unshift(hook);
  else fastify.addHook(name, hook);
}

/** Most calls get the request first, but those of WebSockets get it second. */
function isRequest(value: unknown): value is FastifyRequest {
  return typeof value === 'object' && value !== null && 'routeOptions' in value;
}
