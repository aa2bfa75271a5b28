import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type Authorize, Gate } from '../../src/http/Gate';
import { Visit } from '../../src/http/Visit';
import { FakeClock } from '../support/FakeClock';
import { LogSpy } from '../support/LogSpy';
import { refusalOf } from '../support/refusal';

const logger = new LogSpy();

/** Asks a gate about a request from `remoteAddress`. */
function admit(authorize: Authorize | undefined, remoteAddress: string): Promise<void> {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  return new Gate(authorize, logger).admit(new IncomingMessage(socket), new Visit(new FakeClock()));
}

describe('Gate', () => {
  it('lets this machine in, and tells others how it can be opened', async () => {
    await admit(undefined, '127.0.0.1');
    const [status, text] = await refusalOf(admit(undefined, '10.1.2.3'));
    assert.equal(status, 403);
    assert.match(text, /it comes from 10\.1\.2\.3\.[^]*createPprofHandler\(\{ authorize:/);
  });

  it('lets in whom authorize lets in, and nobody else', async () => {
    await admit(() => true, '10.1.2.3');
    await admit(() => Promise.resolve(true), '10.1.2.3');
    for (const answer of [false, Promise.resolve(false), undefined, 1, 'true', {}]) {
      const authorize = (() => answer) as unknown as Authorize;
      assert.equal((await refusalOf(admit(authorize, '127.0.0.1')))[0], 403);
    }
  });

  it('lets nobody in when authorize fails, and reports why to the application alone', async () => {
    const failing: Authorize[] = [
      () => {
        throw new Error('secret');
      },
      () => Promise.reject(new Error('secret')),
    ];
    for (const authorize of failing) {
      const reported = logger.lines.length;
      const [status, text] = await refusalOf(admit(authorize, '127.0.0.1'));
      assert.equal(status, 500);
      assert.doesNotMatch(text, /secret/);
      assert.deepEqual(logger.lines.slice(reported), [
        {
          level: 'error',
          message: 'rulescope: authorize of the pprof handler failed',
          details: [new Error('secret')],
        },
      ]);
    }
  });
});
