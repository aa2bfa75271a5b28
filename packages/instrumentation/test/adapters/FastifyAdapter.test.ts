import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { FastifyAdapter, type FastifyConfig } from '../../src/adapters/FastifyAdapter';
import { getRule } from '../../src/rule';
import { cleanGlobals, instrument, register } from '../support/globals';

type Hook = (...args: unknown[]) => unknown;
/** Hooks by name, in their order. */
type Hooks = Record<string, Hook[]>;

const REQUEST = { method: 'GET', headers: {}, routeOptions: { url: '/users/:id' } };

describe('FastifyAdapter', () => {
  cleanGlobals();
  let adapter: FastifyAdapter;
  afterEach(() => adapter.disable());

  /** Returns the hooks of an instance that has one of each, and announces it. */
  function announce(config: FastifyConfig, ownList: boolean): Hooks {
    register(new AsyncLocalStorageContextManager());
    instrument();
    adapter = new FastifyAdapter(config);
    const names = ['onRequest', 'preValidation', 'onRoute'];
    const hooks: Hooks = Object.fromEntries(names.map((name) => [name, [() => undefined]]));
    const fastify = {
      addHook: (name: string, hook: Hook) => void hooks[name]!.push(hook),
      ...(ownList ? { [Symbol('fastify.hooks')]: hooks } : {}),
    };
    channel('fastify.initialization').publish({ fastify });
    return hooks;
  }

  it('puts its hooks before those of plugins', () => {
    const hooks = announce({}, true);
    const seen: unknown[] = [];
    for (const name of ['onRequest', 'preValidation']) {
      hooks[name]![0]!(REQUEST, {}, () => seen.push(getRule()));
    }
    assert.deepEqual(seen, ['GET /users/:id', 'GET /users/:id']);
    const route = { handler: () => getRule() };
    hooks['onRoute']![0]!(route);
    assert.equal((route.handler as Hook)(REQUEST), 'GET /users/:id');
  });

  it("adds its hooks at the end if it does not find Fastify's own list", () => {
    const hooks = announce({}, false);
    let called = false;
    hooks['preValidation']!.at(-1)!(REQUEST, {}, () => {
      called = true;
      assert.equal(getRule(), 'GET /users/:id');
    });
    assert.ok(called);
  });

  it('wraps handlers and hooks, also those that get the request second, and no shared array', () => {
    const [onRoute] = announce({}, true)['onRoute']!;
    const rule = (): string | undefined => getRule();
    const shared = [rule, 'no function'];
    const route: Record<string, unknown> = { handler: rule, preHandler: shared };
    onRoute!(route);
    assert.equal((route['handler'] as Hook)({ send: () => undefined }, REQUEST), 'GET /users/:id');
    const [wrapped, other] = route['preHandler'] as Hook[];
    assert.equal(wrapped!(REQUEST), 'GET /users/:id');
    assert.equal(other, 'no function');
    assert.deepEqual(shared, [rule, 'no function']);
  });

  it('leaves a hook an AsyncFunction, because Fastify asks for it', () => {
    const [onRoute] = announce({}, true)['onRoute']!;
    const route: Record<string, unknown> = { onRequest: async () => Promise.resolve(getRule()) };
    onRoute!(route);
    assert.equal((route['onRequest'] as Hook).constructor.name, 'AsyncFunction');
  });

  it('gives no rule to a request without a route, to one that ruleOf leaves out, and while off', () => {
    const hooks = announce(
      { ruleOf: ({ method }) => (method === 'PUT' ? 'put' : undefined) },
      true,
    );
    const ruleIn = (request: object): unknown => {
      let found: unknown = 'not called';
      hooks['onRequest']![0]!(request, {}, () => (found = getRule()));
      return found;
    };
    const put = { ...REQUEST, method: 'PUT' };
    assert.equal(ruleIn(put), 'put');
    assert.equal(ruleIn(REQUEST), undefined);
    assert.equal(ruleIn({ ...put, routeOptions: {} }), undefined);
    adapter.disable();
    assert.equal(ruleIn(put), undefined);
    adapter.enable();
    assert.equal(ruleIn(put), 'put');
  });

  it('refuses wrong options', () => {
    assert.throws(
      () => new FastifyAdapter({ ruleOf: 'tenant' as never }),
      /ruleOf must be a function; got "tenant"/,
    );
  });
});
