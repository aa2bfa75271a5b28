import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PprofHandler, createPprofHandler } from '@rulescope/profiler/http';

describe('maxConcurrent', () => {
  let handler: PprofHandler;
  let server: Server;

  before(() => {
    handler = createPprofHandler({ maxConcurrent: 1, heap: true });
    server = createServer(handler);
  });

  after(async () => {
    await handler.close();
    server.close();
    server.closeAllConnections();
  });

  it('holds for all endpoints together', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug`;
    const status = async (path: string): Promise<number> => {
      const response = await fetch(`${base}/${path}`);
      await response.arrayBuffer();
      return response.status;
    };
    const recording = new AbortController();
    const running = fetch(`${base}/pprof/profile?seconds=300`, { signal: recording.signal });
    running.catch(() => undefined);
    // Requests of one server are handled in the order in which they arrive.
    await once(server, 'request');
    for (const path of ['pprof/profile', 'pprof/heap', 'pprof/heap?seconds=1', 'rules/usage']) {
      assert.equal(await status(path), 429, path);
    }
    assert.equal(await status('pprof/cmdline'), 200);
    recording.abort();
    // The server sees the disconnection some time later.
    while ((await status('pprof/heap')) !== 200);
  });
});
