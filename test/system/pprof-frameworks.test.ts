import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import fastify from 'fastify';
import { Profile } from 'pprof-format';
import { type PprofHandler, createPprofHandler } from '@rulescope/profiler/http';

/**
 * Tests that hold for every framework.
 *
 * @param base Returns the URL of the mount point, without a slash at its end.
 */
function servesProfiles(base: () => string): void {
  it('serves the index, and redirects from the mount point to it', async () => {
    const direct = await fetch(`${base()}/`);
    assert.equal(direct.status, 200);
    const page = await direct.text();
    assert.match(page, /<a href="profile">/);
    assert.ok(page.includes(`${base()}/profile?seconds=10`), 'the commands have another address');
    const redirected = await fetch(base());
    assert.deepEqual([redirected.status, redirected.url], [200, `${base()}/`]);
  });

  it('serves profiles', async () => {
    const response = await fetch(`${base()}/profile?seconds=0.2`);
    assert.equal(response.status, 200);
    const profile = Profile.decode(gunzipSync(Buffer.from(await response.arrayBuffer())));
    assert.ok(Number(profile.durationNanos) >= 0.2e9);
  });

  it('tells the usage of rules', async () => {
    const response = await fetch(`${base()}/rules/usage`);
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { label: string }).label, 'rule');
  });

  it('refuses invalid options with status 400', async () => {
    const response = await fetch(`${base()}/profile?seconds=no`);
    assert.equal(response.status, 400);
    assert.equal(response.headers.get('x-go-pprof'), '1');
    assert.match(await response.text(), /^seconds must be/);
  });

  it('answers HEAD', async () => {
    const response = await fetch(`${base()}/profile`, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  });
}

describe('the pprof handler in http.createServer', () => {
  let handler: PprofHandler;
  let server: Server;

  before(async () => {
    handler = createPprofHandler();
    server = await listening(createServer(handler));
  });
  after(() => stop(handler, server));

  servesProfiles(() => `${originOf(server)}/debug/pprof`);

  it('tells the usage of rules at /debug/rules/usage', async () => {
    assert.equal((await fetch(`${originOf(server)}/debug/rules/usage`)).status, 200);
  });

  it('answers 404 elsewhere', async () => {
    assert.equal((await fetch(`${originOf(server)}/`)).status, 404);
    assert.equal((await fetch(`${originOf(server)}/debug/pprof/goroutine`)).status, 404);
  });
});

for (const mount of ['/debug/pprof', '/internal/profiles']) {
  describe(`the pprof handler in Express 5 at ${mount}`, () => {
    let handler: PprofHandler;
    let server: Server;

    before(async () => {
      handler = createPprofHandler();
      const app = express();
      app.use(mount, handler);
      app.use('/debug/rules', handler);
      app.use((request, response) => {
        response.status(418).send(`application:  ${request.originalUrl}`);
      });
      server = await listening(createServer(app));
    });
    after(() => stop(handler, server));

    servesProfiles(() => `${originOf(server)}${mount}`);

    it('tells the usage of rules at /debug/rules/usage', async () => {
      assert.equal((await fetch(`${originOf(server)}/debug/rules/usage`)).status, 200);
    });

    it('passes other requests to the application', async () => {
      for (const path of ['/', `${mount}/goroutine`, `${mount}s`, '/debug/rules/none']) {
        const response = await fetch(`${originOf(server)}${path}`);
        assert.deepEqual([response.status, await response.text()], [418, `application:  ${path}`]);
      }
    });
  });
}

describe('the pprof handler in Fastify 5', () => {
  let handler: PprofHandler;
  const app = fastify();

  before(async () => {
    handler = createPprofHandler();
    for (const url of ['/debug/pprof', '/debug/pprof/*', '/debug/rules/usage']) {
      app.get(url, (request, reply) => {
        reply.hijack();
        handler(request.raw, reply.raw);
      });
    }
    await app.listen({ port: 0, host: '127.0.0.1' });
  });
  after(async () => {
    await handler.close();
    await app.close();
  });

  servesProfiles(() => `${originOf(app.server)}/debug/pprof`);

  it('is protected by the hooks of the application', async () => {
    const guarded = fastify();
    guarded.addHook('onRequest', (_, reply) => reply.code(401).send('who are you?'));
    guarded.get('/debug/pprof/*', (request, reply) => {
      reply.hijack();
      handler(request.raw, reply.raw);
    });
    await guarded.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(`${originOf(guarded.server)}/debug/pprof/cmdline`);
    assert.deepEqual([response.status, await response.text()], [401, 'who are you?']);
    await guarded.close();
  });
});

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function originOf(server: { address(): unknown }): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(handler: PprofHandler, server: Server): Promise<void> {
  await handler.close();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
