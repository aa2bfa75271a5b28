import { strict as assert } from 'node:assert';
import { type App, type Start, recipe, startApp } from './startApp';
import { assertThreeToOne } from './threeToOne';

/** A web framework and an application on it that has the routes of {@link REQUESTS}. */
export interface Framework {
  /** Returns the folder of the application, in which its main file is. */
  readonly directory: () => string;
  readonly main: string;
  /** Heading of its example in `docs/frameworks.md`. */
  readonly recipe: string;
  /** The name of its adapter, and its key in `RuleAdaptersConfig`. */
  readonly adapter: readonly [className: string, key: string];
  /** Requests that only this framework can answer, with their rules. */
  readonly requests?: readonly Request[];
  /** The rule of a request below `/api` that matches none of the routes. Default: none. */
  readonly nothingBelowApi?: string;
}

/** Method, path, body and the rule of the request. */
type Request = readonly [method: string, path: string, body: unknown, rule: string | null];

const REQUESTS: readonly Request[] = [
  ['GET', '/', undefined, 'GET /'],
  ['GET', '/api/users/7?x=1', undefined, 'GET /api/users/:id'],
  ['GET', '/api/orders/8', undefined, 'GET /api/orders/:id'],
  ['GET', '/tenants/t1/9', undefined, 'GET /tenants/:tenant/:id'],
  ['POST', '/api/users', [1, 2], 'POST /api/users'],
  ['GET', '/api/fail', undefined, 'GET /api/fail'],
  ['GET', '/nothing', undefined, null],
];

/** Starts applications that are stopped after each test of the suite. */
type Starter = (options: Start) => Promise<App>;

function starter({ directory, main }: Framework): Starter {
  const apps: App[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.process.stop('SIGKILL');
  });
  return async (options) => {
    const app = await startApp(directory(), main, options);
    apps.push(app);
    return app;
  };
}

/** Adds the test that requests are in the rule of their route. */
export function testNames(framework: Framework, start = starter(framework)): void {
  it('names each request by its route, also after awaits and beside many others', async () => {
    const app = await start({ telemetry: recipe(framework.recipe), namesRules: true });
    const all = Array.from({ length: 10 }, () => requestsOf(framework)).flat();
    const found = await Promise.all(all.map((request) => answerOf(app, request)));
    found.forEach(({ json, headers }, i) => {
      const [method, path, , rule] = all[i]!;
      assert.equal(json.rule, rule, `${method} ${path}: ${JSON.stringify(json)}`);
      for (const header of ['x-first', 'x-last'] as const) {
        if (headers[header] !== undefined) assert.equal(headers[header], rule, header);
      }
    });
    assert.doesNotMatch(app.process.output(), /RULESCOPE_|rulescope:/);
  });
}

/** Adds the tests that hold for every framework. */
export function testFramework(framework: Framework): void {
  const start = starter(framework);
  const requests = requestsOf(framework);
  const telemetry = recipe(framework.recipe);
  const [adapter, key] = framework.adapter;
  testNames(framework, start);

  it('names requests by their tenants if ruleOf does', async () => {
    const tenants = recipe('Tenants instead of routes');
    const app = await start({ telemetry: tenants, namesRules: true });
    const all = requests.flatMap((request) =>
      [undefined, 't1', 't2'].map((tenant) => [request, tenant] as const),
    );
    const found = await Promise.all(
      all.map(([request, tenant]) =>
        answerOf(app, request, tenant === undefined ? {} : { 'x-tenant': tenant }),
      ),
    );
    found.forEach(({ json }, i) => {
      const [[method, path, , route], tenant] = all[i]!;
      const rule = route === null ? null : (tenant ?? route);
      assert.equal(json.rule, rule, `${method} ${path} ${tenant}`);
    });
  });

  it('shows two routes with 3:1 requests as 3:1, within their errors', async () => {
    const { labeled, unlabeled } = await assertThreeToOne(await start({ telemetry }), [
      { path: '/api/users', rule: 'GET /api/users/:id' },
      { path: '/api/orders', rule: 'GET /api/orders/:id' },
    ]);
    // Routes do nearly all of the work. Without their rules it would be unlabeled.
    assert.ok(labeled > unlabeled, `${labeled} s in rules, ${unlabeled} s in none`);
  });

  it('answers the same with the adapter, with it turned off and without it', async () => {
    const off = telemetry.replace(`new ${adapter}()`, `new ${adapter}({ enabled: false })`);
    assert.notEqual(off, telemetry);
    const leftOut = telemetry
      .replace(`{ ${adapter} }`, '{ ruleAdapters }')
      .replace(`new ${adapter}()`, `...ruleAdapters({ ${key}: false })`);
    const [without, ...others] = await Promise.all(
      [leftOut, off, telemetry].map(async (each) => {
        const app = await start({ telemetry: each });
        const answers = [];
        for (const request of requests) answers.push(await answerOf(app, request));
        return answers;
      }),
    );
    for (const other of others) assert.deepEqual(other, without);
  });
}

function requestsOf({ requests = [], nothingBelowApi }: Framework): Request[] {
  return [...REQUESTS, ...requests, ['GET', '/api/nothing/7', undefined, nothingBelowApi ?? null]];
}

async function answerOf(
  app: App,
  [method, path, body]: Request,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, string>; json: { rule?: string | null } }> {
  const response = await fetch(`${app.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  const { date: _, ...received } = Object.fromEntries(response.headers);
  const text = await response.text();
  // Express itself answers with HTML if nobody else does.
  const json = text.startsWith('{')
    ? (JSON.parse(text) as { rule?: string })
    : { text, rule: null };
  return { status: response.status, headers: received, json };
}
