import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RedisAdapter } from '../../src/adapters/RedisAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, instrument, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

describe('RedisAdapter', () => {
  cleanGlobals();
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });

  it('passes the answer of a command on, also of a queue that parses elsewhere', async () => {
    class Queue {
      addCommand(): Promise<string | undefined> {
        return Promise.resolve(getRule());
      }
    }
    const path = 'dist/lib/client/commands-queue.js';
    patchFile(new RedisAdapter(), path, { default: Queue });
    assert.equal(await withRule('a', () => new Queue().addCommand()), 'a');
  });
});
