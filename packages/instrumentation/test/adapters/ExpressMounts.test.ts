import assert from 'node:assert/strict';
import {
  type ExpressLayer,
  ExpressMounts,
  type ExpressRequest,
  type ExpressRouter,
} from '../../src/adapters/ExpressMounts';

type Next = (error?: unknown) => void;

/** Does what Express does with middleware, as far as the mounts see it. */
class Layer {
  constructor(readonly fn: (request: ExpressRequest, next: Next) => void) {}
  handleRequest(request: ExpressRequest, _response: unknown, next: Next): void {
    this.fn(request, next);
  }
}

class Router {
  readonly stack: Layer[] = [];
  use(...args: unknown[]): this {
    for (const each of args.flat(Infinity)) {
      if (typeof each === 'function') this.stack.push(new Layer(each as Layer['fn']));
    }
    return this;
  }
}

describe('ExpressMounts', () => {
  let mounts: ExpressMounts;
  before(() => {
    mounts = new ExpressMounts();
    mounts.watchRouters(Router.prototype as unknown as ExpressRouter);
    mounts.watchLayers(Layer.prototype as unknown as ExpressLayer, 'handleRequest');
  });

  /** Returns the pattern in a handler that `use` was called for with `path`. */
  function mountedAt(...args: unknown[]): string | undefined {
    let found: string | undefined = 'not called';
    const router = new Router();
    const request = { method: 'GET', headers: {}, baseUrl: '/x' };
    router.use(...args, (inner: ExpressRequest, next: Next) => {
      found = mounts.of(inner);
      next();
    });
    router.stack.at(-1)!.handleRequest(request, {}, () => undefined);
    return found;
  }

  it('knows paths, patterns, and lists of them', () => {
    assert.equal(mountedAt('/api'), '/api');
    assert.equal(mountedAt('/api/'), '/api');
    assert.equal(mountedAt('/:tenant'), '/:tenant');
    assert.equal(mountedAt(/^\/v\d/), '/^\\/v\\d/');
    assert.equal(mountedAt(['/a', '/b']), '/a,/b');
    assert.equal(mountedAt('/api', [() => undefined]), '/api');
  });

  it('knows nothing of a mount that it has not seen', () => {
    const layer = new Layer(() => undefined);
    layer.handleRequest({ method: 'GET', headers: {} }, {}, () => undefined);
    assert.equal(mounts.of({ method: 'GET', headers: {}, baseUrl: '/x' }), undefined);
    assert.equal(mounts.of({ method: 'GET', headers: {}, baseUrl: '' }), '');
    assert.equal(mountedAt(), undefined);
    assert.equal(mountedAt([[() => undefined]]), undefined);
  });

  it('nests, and leaves the mount when the handler goes on, with its error', () => {
    const request: ExpressRequest = { method: 'GET', headers: {}, baseUrl: '/x' };
    const seen: unknown[] = [];
    const inner = new Router().use('/b', (each: ExpressRequest, next: Next) => {
      seen.push(mounts.of(each));
      next('failed');
    });
    const outer = new Router().use('/a', (each: ExpressRequest, next: Next) => {
      inner.stack[0]!.handleRequest(each, {}, (error) => {
        seen.push(mounts.of(each), error);
        next();
      });
    });
    outer.stack[0]!.handleRequest(request, {}, () => seen.push(mounts.of(request)));
    assert.deepEqual(seen, ['/a/b', '/a', 'failed', '']);
  });
});
