import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { IoredisAdapter } from '../../src/adapters/IoredisAdapter';
import { cleanGlobals, instrument, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

describe('IoredisAdapter', () => {
  cleanGlobals();
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });

  it('hears answers without a queue of commands, and connects without a stream', () => {
    class Redis extends EventEmitter {
      constructor(readonly stream?: EventEmitter) {
        super();
      }
      connect(): void {}
      setStatus(status: string): string {
        return status;
      }
    }
    patchFile(new IoredisAdapter(), 'built/Redis.js', { default: Redis });
    assert.equal(new Redis().setStatus('connect'), 'connect');
    const stream = new EventEmitter();
    new Redis(stream).setStatus('connect');
    let heard = false;
    stream.on('data', () => (heard = true));
    stream.emit('data');
    assert.ok(heard);
  });
});
