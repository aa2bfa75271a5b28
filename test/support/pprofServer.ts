import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPprofHandler } from '@rulescope/profiler/http';

/**
 * Serves the pprof handler on a free port of the loopback interface, from before the first test of
 * the surrounding `describe` until after the last one. Returns a function that returns the port.
 */
export function servePprof(): () => number {
  const handler = createPprofHandler();
  const server = createServer(handler);

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  after(async () => {
    await handler.close();
    server.close();
    server.closeAllConnections();
  });

  return () => (server.address() as AddressInfo).port;
}
