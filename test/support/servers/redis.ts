import { type TestServer, startServer } from './startServer';

/** Starts Redis. It keeps its data in memory only. */
export function startRedis(): Promise<TestServer> {
  return startServer({
    script: (port) => `exec redis-server --bind 127.0.0.1 --port ${port} --save ''`,
    ready: /Ready to accept connections/,
  });
}
