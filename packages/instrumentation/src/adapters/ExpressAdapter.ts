import {
  type ExpressLayer,
  ExpressMounts,
  type ExpressRequest,
  type ExpressRouter,
  patternOf,
} from './ExpressMounts';
import type { RouteConfig } from './RouteConfig';
import { type LibraryFile, RuleAdapter } from './RuleAdapter';

/** Options of {@link ExpressAdapter}. */
export type ExpressConfig = RouteConfig;

/**
 * Runs each request of Express in a rule of its route, such as `GET /api/users/:id`, from the first
 * handler of the route on, with error handlers. Middleware before the route stays in the rule of
 * the caller, because the route is not known yet. A request that matches no route has no rule. If a
 * route calls `next()`, what follows stays in its rule until another route begins.
 */
export class ExpressAdapter extends RuleAdapter<ExpressConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: ExpressConfig = {}) {
    super('express', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    const mounts = new ExpressMounts();
    const patchLayer =
      (method: 'handleRequest' | 'handle_request') =>
      ({ prototype }: { prototype: ExpressLayer }): void => {
        this.wrapRule(prototype, method, (layer, request) => this.ruleIn(mounts, layer, request));
        mounts.watchLayers(prototype, method);
      };
    const five = { library: 'router', versions: ['>=2 <3'] };
    const four = { library: 'express', versions: ['>=4.16 <5'] };
    return [
      { ...five, patch: (router: RouterClass) => mounts.watchRouters(classOf(router).prototype) },
      { ...five, path: 'lib/layer.js', patch: patchLayer('handleRequest') },
      {
        ...four,
        path: 'lib/router/index.js',
        patch: (router: ExpressRouter) => mounts.watchRouters(router),
      },
      { ...four, path: 'lib/router/layer.js', patch: patchLayer('handle_request') },
    ];
  }

  private ruleIn(
    mounts: ExpressMounts,
    { route }: ExpressLayer,
    request: ExpressRequest,
  ): string | undefined {
    const mount = mounts.of(request);
    if (route === undefined || mount === undefined) return undefined;
    const name = `${request.method} ${mount + patternOf(route.path) || '/'}`;
    const { ruleOf } = this._config;
    return ruleOf === undefined ? name : ruleOf(request, name);
  }
}

/** Exports of `router`: a class, or an object that has it if an ES module imports the package. */
type RouterClass = { prototype: ExpressRouter } & { default?: RouterClass };

function classOf(router: RouterClass): RouterClass {
  return router.default ?? router;
}
