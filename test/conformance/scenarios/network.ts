import { lookup } from 'node:dns';
import { lookup as lookupPromise } from 'node:dns/promises';
import { once } from 'node:events';
import { Agent, type Server, createServer, get } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Scenario } from '../Scenario';
import type { Stage } from '../Stage';

/** Starts a server that enters the rule in the path and burns CPU in it, at once and later. */
async function serve(stage: Stage): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const rule = (request.url ?? '').slice(1);
    stage.withRule(rule, () => {
      stage.burn(rule);
      void text(request)
        .then(nextTurn)
        .then(() => {
          stage.burn(rule);
          response.end('done');
        });
    });
    stage.burn();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export const network: readonly Scenario[] = [
  {
    name: 'http server, several rules on one kept connection',
    async run(stage) {
      const { server, url } = await serve(stage);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const rule of ['a', 'b', 'a']) {
        const [response] = (await once(get(`${url}/${rule}`, { agent }), 'response')) as [Readable];
        await text(response);
      }
      agent.destroy();
      server.close();
    },
  },
  {
    name: 'http client, several rules on one kept connection',
    async run(stage) {
      const server = createServer((_, response) => response.end('done'));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const request = (rule: string): Promise<void> =>
        stage.withRule(rule, async () => {
          const asked = get({ host: '127.0.0.1', port, agent });
          const [response] = (await once(asked, 'response')) as [Readable];
          stage.burn(rule);
          await text(response);
          stage.burn(rule);
        });
      await Promise.all(['a', 'b', 'c'].map(request));
      agent.destroy();
      server.close();
      stage.burn();
    },
  },
  {
    name: 'fetch',
    async run(stage) {
      const { server, url } = await serve(stage);
      await Promise.all(
        ['a', 'b'].map((rule) =>
          stage.withRule(rule, async () => {
            const response = await fetch(`${url}/${rule}`);
            stage.burn(rule);
            await response.text();
            stage.burn(rule);
          }),
        ),
      );
      server.closeAllConnections();
      server.close();
      stage.burn();
    },
  },
  {
    name: 'net',
    async run(stage) {
      const server = createNetServer((socket) => socket.pipe(socket));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      await Promise.all(
        ['a', 'b'].map((rule) =>
          stage.withRule(rule, async () => {
            const socket = connect(port, '127.0.0.1');
            await once(socket, 'connect');
            stage.burn(rule);
            socket.end('hello');
            for await (const _ of socket) stage.burn(rule);
          }),
        ),
      );
      server.close();
      stage.burn();
    },
  },
  {
    name: 'dns.lookup, callback and promise',
    async run(stage) {
      await stage.withRule(
        'a',
        () =>
          new Promise<void>((resolve) => {
            lookup('localhost', () => {
              stage.burn('a');
              resolve();
            });
          }),
      );
      await stage.withRule('b', async () => {
        await lookupPromise('localhost');
        stage.burn('b');
      });
      stage.burn();
    },
  },
];

type Readable = NodeJS.ReadableStream & AsyncIterable<unknown>;
