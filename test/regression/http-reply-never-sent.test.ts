import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPprofHandler } from '@rulescope/profiler/http';

describe('a reply that cannot be sent', () => {
  it('ends the connection, so that the client does not wait for ever', async () => {
    const errors: unknown[] = [];
    const logger = { error: (text: string) => errors.push(text), warn() {}, debug() {} };
    const handler = createPprofHandler({ logger });
    const server = createServer((request, response) => {
      // Routers decode paths. The text is then too wide for the header of the redirection.
      request.url = decodeURI(request.url ?? '');
      handler(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug/pprof`;
    await assert.rejects(fetch(`${base}?rule=%E2%82%AC`));
    assert.deepEqual(errors, ['rulescope: the pprof handler failed']);
    assert.equal((await fetch(`${base}/cmdline`)).status, 200);
    await handler.close();
    server.close();
    server.closeAllConnections();
  });
});
