import { execFileSync } from 'node:child_process';
import { freePort } from '../processes';
import { type TestServer, startServer } from './startServer';

/** Starts Redis. It keeps its data in memory only. */
export function startRedis(...options: string[]): Promise<TestServer> {
  return startServer({
    script: (port) =>
      `exec redis-server --bind 127.0.0.1 --port ${port} --save '' ${options.join(' ')}`,
    ready: /Ready to accept connections/,
  });
}

/** Starts a cluster of three, which share the keys. Returns the port of one of them. */
export async function startRedisCluster(): Promise<TestServer> {
  const start = async (): Promise<TestServer> =>
    startRedis('--cluster-enabled yes', `--cluster-port ${await freePort()}`);
  const nodes = [await start(), await start(), await start()];
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  return {
    port: nodes[0]!.port,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}
