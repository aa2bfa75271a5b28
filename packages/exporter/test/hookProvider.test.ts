import assert from 'node:assert/strict';
import type { MeterProvider } from '@opentelemetry/api';
import { hookProvider } from '../src/hookProvider';

function setUp() {
  const calls: string[] = [];
  class Provider {
    forceFlush(options: string): Promise<string> {
      calls.push(`flush ${options}`);
      return Promise.resolve('flushed');
    }
    shutdown(): Promise<void> {
      calls.push('shutdown');
      return Promise.reject(new Error('no connection'));
    }
  }
  const provider = new Provider();
  const hook = () =>
    hookProvider(provider as unknown as MeterProvider, {
      beforeFlush: () => Promise.resolve(void calls.push('before flush')),
      beforeShutdown: () => Promise.resolve(void calls.push('before shutdown')),
      afterShutdown: () => void calls.push('after shutdown'),
    });
  return { calls, provider, hook };
}

describe('hookProvider', () => {
  it('keeps arguments, results and errors of the provider', async () => {
    const { calls, provider, hook } = setUp();
    hook();
    assert.equal(await provider.forceFlush('now'), 'flushed');
    await assert.rejects(provider.shutdown(), { message: 'no connection' });
    assert.deepEqual(calls, [
      'before flush',
      'flush now',
      'before shutdown',
      'shutdown',
      'after shutdown',
    ]);
  });

  it('reports the end of a shutdown when all calls have ended', async () => {
    const { calls, provider, hook } = setUp();
    let finish = (): void => undefined;
    const first = new Promise<void>((resolve) => (finish = resolve));
    // An SDK answers the second call at once, while the first one still collects.
    const results = [first, Promise.resolve()];
    provider.shutdown = () => results.shift() ?? Promise.resolve();
    hook();
    const shutdown = provider.shutdown();
    await provider.shutdown();
    assert.ok(!calls.includes('after shutdown'));
    finish();
    await shutdown;
    assert.deepEqual(calls, ['before shutdown', 'before shutdown', 'after shutdown']);
  });

  it('is undone, also under a wrapper that came later and over one that was there before', async () => {
    const { calls, provider, hook } = setUp();
    const wrap = (name: string) => {
      const { forceFlush } = provider;
      provider.forceFlush = (options) => {
        calls.push(name);
        return forceFlush.call(provider, options);
      };
      return provider.forceFlush;
    };
    const earlier = wrap('earlier');
    hook()();
    assert.equal(provider.forceFlush, earlier);
    const undo = hook();
    wrap('later');
    undo();
    await provider.forceFlush('x');
    assert.deepEqual(calls, ['later', 'earlier', 'flush x']);
  });
});
