import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Mysql2Adapter } from '../../src/adapters/Mysql2Adapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, instrument, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

describe('Mysql2Adapter', () => {
  cleanGlobals();
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });

  it('opens connections outside any rule, also by the default import of an ES module', () => {
    for (const path of [undefined, 'promise.js']) {
      const entry = { createConnection: getRule, connect: getRule };
      const namespace = { ...entry, default: entry };
      patchFile(new Mysql2Adapter(), path, namespace);
      const found = withRule('opener', () =>
        [namespace, entry].flatMap((each) => [each.createConnection(), each.connect()]),
      );
      assert.deepEqual(found, Array(4).fill(undefined));
    }
  });
});
