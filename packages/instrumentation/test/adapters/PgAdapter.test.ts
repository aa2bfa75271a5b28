import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { PgAdapter } from '../../src/adapters/PgAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, instrument, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

describe('PgAdapter', () => {
  cleanGlobals();
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });

  it('changes pg-pool as a CommonJS module and as the default export of an ES module', () => {
    for (const isDefault of [false, true]) {
      class Pool {
        newClient(): string | undefined {
          return getRule();
        }
        _release(): void {}
        connect(): void {}
        end(): void {}
      }
      patchFile(new PgAdapter(), undefined, isDefault ? { default: Pool } : Pool);
      assert.equal(
        withRule('opener', () => new Pool().newClient()),
        undefined,
      );
    }
  });

  it('connects a client with a connection of its own that has no stream', () => {
    class Client {
      readonly connection = new EventEmitter();
      connect(): string {
        return 'connected';
      }
      _pulseQueryQueue(): void {}
      end(): void {}
      on(): void {}
      addListener(): void {}
      once(): void {}
      prependListener(): void {}
      prependOnceListener(): void {}
    }
    patchFile(new PgAdapter(), 'lib/client.js', Client);
    assert.equal(new Client().connect(), 'connected');
  });
});
