import assert from 'node:assert/strict';
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
});
