import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage, type RequestOptions, ServerResponse } from 'node:http';
import { type AddressInfo, Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { PprofHandlerOptions } from '../../src/http/createPprofHandler';
import { findRoute, indexRedirect } from '../../src/http/server';
import { PprofHarness, type Response } from '../support/PprofHarness';
import { comments } from '../support/pprof';
import { settled } from '../support/settled';
import { unhandledRejections } from '../support/unhandledRejections';
import { until } from '../support/until';

describe('the pprof handler', () => {
  let harness: PprofHarness;

  async function start(options: PprofHandlerOptions = {}): Promise<PprofHarness> {
    return (harness = await new PprofHarness(options).start());
  }

  /** Sends a request, and resolves when its recording runs. */
  async function record(path: string, options: RequestOptions = {}) {
    const timers = harness.clock.pendingTimers;
    const response = harness.get(path, options);
    response.catch(() => undefined);
    await until(() => harness.clock.pendingTimers > timers);
    return { response };
  }

  afterEach(() => harness.stop());

  it('sends a profile as a gzipped download that no cache keeps', async () => {
    await start();
    const { response } = await record('/profile?seconds=2');
    harness.clock.advance(2_000);
    const answer = await response;
    assert.equal(durationOf(answer), 2);
    const { headers } = answer;
    assert.equal(headers['content-type'], 'application/octet-stream');
    assert.equal(headers['content-disposition'], 'attachment; filename="profile.pb.gz"');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['content-length'], `${answer.body.length}`);
    assert.ok(!harness.collector.running);
  });

  it('records for 30 s by default', async () => {
    await start();
    const { response } = await record('/profile');
    harness.clock.advance(29_999);
    assert.ok(harness.collector.running);
    harness.clock.advance(1);
    assert.equal(durationOf(await response), 30);
  });

  it('records a span of its own for each of two clients', async () => {
    await start();
    const first = await record('/profile?seconds=5');
    harness.clock.advance(2_000);
    const second = await record('/profile?seconds=10');
    harness.clock.advance(3_000);
    assert.equal(durationOf(await first.response), 5);
    harness.clock.advance(7_000);
    assert.equal(durationOf(await second.response), 10);
    assert.equal(harness.clock.pendingTimers, 0);
  });

  it('sends errors as text that go tool pprof prints', async () => {
    await start();
    const { status, headers, text } = await harness.get('/profile?seconds=abc');
    assert.equal(status, 400);
    assert.equal(text, 'seconds must be a number from 0.1 to 300; got "abc"\n');
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(headers['x-go-pprof'], '1');
    assert.equal(headers['content-disposition'], undefined);
  });

  it('refuses other methods', async () => {
    await start();
    for (const path of ['/', '/profile', '/cmdline']) {
      const { status, headers } = await harness.get(path, { method: 'POST' });
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD']);
    }
  });

  it('answers HEAD at once with headers only', async () => {
    await start();
    const head = await harness.get('/profile', { method: 'HEAD' });
    assert.deepEqual(
      [head.status, head.headers['content-type'], head.body.length],
      [200, 'application/octet-stream', 0],
    );
    assert.equal((await harness.get('/profile?seconds=0', { method: 'HEAD' })).status, 400);
    assert.equal((await harness.get('/', { method: 'HEAD' })).status, 200);
    assert.deepEqual(harness.sampler.calls, []);
  });

  it('lists the endpoints where a path has none', async () => {
    await start();
    const { status, text } = await harness.get('/goroutine');
    assert.deepEqual(
      [status, text],
      [404, 'there is no such profile; available: profile, heap, allocs, rules/usage, cmdline\n'],
    );
    const above = await harness.get('/../');
    assert.equal(above.status, 404);
    assert.match((await harness.get('/trace')).text, /^trace is not served by design/);
    assert.equal((await harness.get('/symbol')).status, 404);
  });

  it('redirects from the mount point to the index page', async () => {
    await start();
    const { status, headers } = await harness.get('');
    assert.deepEqual([status, headers.location], [302, './pprof/']);
    assert.match((await harness.get('/')).headers['content-type'] ?? '', /^text\/html/);
  });

  it('calls next for what it does not serve', async () => {
    await start();
    let passedOn = 0;
    const incoming = new IncomingMessage(new Socket());
    for (const url of ['/', '/debug/pprof/goroutine', '/profile']) {
      incoming.url = url;
      harness.handler(incoming, new ServerResponse(incoming), () => passedOn++);
    }
    assert.equal(passedOn, 3);
  });

  it('sends the command line in the format of Go', async () => {
    await start();
    assert.equal((await harness.get('/cmdline')).text, '/bin/node\0--flag\0app.js\0é');
  });

  it('ends all recording at once when the client disconnects', async () => {
    await start();
    for (const path of ['/profile', '/profile?lines=1', '/heap', '/allocs']) {
      const sent = harness.send(path);
      sent.on('error', () => undefined);
      await until(() => harness.clock.pendingTimers > 0);
      sent.destroy();
      await until(() => harness.clock.pendingTimers === 0);
    }
    assert.ok(!harness.collector.running && !harness.sampler.running);
    assert.equal(harness.lines.running, 0);
    assert.equal(harness.heap.open_.size, 0);
    assert.deepEqual(harness.logger.lines, []);
  });

  it('allows another recording when a client disconnects', async () => {
    await start({ maxConcurrent: 1 });
    const sent = harness.send('/profile');
    sent.on('error', () => undefined);
    await until(() => harness.clock.pendingTimers > 0);
    const refused = await harness.get('/profile');
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '30']);
    sent.destroy();
    await until(() => harness.clock.pendingTimers === 0);
    const { response } = await record('/profile?seconds=1');
    harness.clock.advance(1_000);
    assert.equal((await response).status, 200);
  });

  it('limits the requests at the same time, whatever they are for', async () => {
    await start({ maxConcurrent: 1, heap: { allocations: true } });
    const paths = ['/profile', '/profile?lines=1', '/heap', '/heap?seconds=9', '/allocs'];
    const { response } = await record('/profile?seconds=30');
    for (const path of [...paths, '/rules/usage']) {
      const { status, headers } = await harness.get(path);
      assert.deepEqual([status, headers['retry-after']], [429, '30'], path);
    }
    for (const path of ['/', '/cmdline']) assert.equal((await harness.get(path)).status, 200);
    harness.clock.advance(30_000);
    assert.equal((await response).status, 200);
    const usage = await record('/rules/usage');
    for (const path of [...paths, '/rules/usage']) {
      assert.equal((await harness.get(path)).status, 429, path);
    }
    harness.clock.advance(1_000);
    assert.equal((await usage.response).status, 200);
  });

  it('sends partial profiles when it is closed, and 503 to later requests', async () => {
    await start();
    const { response } = await record('/profile?seconds=30');
    const heap = await record('/heap?seconds=20');
    harness.clock.advance(4_000);
    const closing = harness.handler.close();
    const answer = await response;
    assert.equal(durationOf(answer), 4);
    assert.equal(
      comments(decode(answer)).at(-1),
      'ended after 4.0 s of 30 s: this server is shutting down',
    );
    assert.equal(answer.headers.connection, 'close');
    assert.match(comments(decode(await heap.response)).at(-1) ?? '', /^ended after 4\.0 s of 20 s/);
    await closing;
    assert.ok(!harness.collector.running);
    assert.equal(harness.clock.pendingTimers, 0);
    const later = await harness.get('/cmdline');
    assert.deepEqual([later.status, later.headers.connection], [503, 'close']);
    await harness.handler.close();
  });

  it('lets the server close as soon as the handler is closed', async () => {
    await start();
    const { response } = await record('/profile');
    const closed = new Promise((resolve) => harness.server.close(resolve));
    await harness.handler.close();
    assert.equal((await response).status, 200);
    await closed;
  });

  it('says at once why it cannot sample', async () => {
    await start();
    harness.unsupported = new Error('no such platform');
    const unsupported = await harness.get('/profile');
    assert.deepEqual([unsupported.status, unsupported.text], [501, 'no such platform\n']);
    harness.unsupported = undefined;
    harness.sampler.startError = new Error('somebody else samples');
    const { status, text } = await harness.get('/profile');
    assert.deepEqual([status, text], [503, 'the recording failed: somebody else samples\n']);
    assert.ok(!harness.collector.running);
  });

  it('refuses a recording that the server would cut off', async () => {
    await start();
    harness.server.setTimeout(5_000);
    const { status, text } = await harness.get('/profile');
    assert.equal(status, 400);
    assert.match(text, /^seconds must be less than 5, after which .*\(server\.timeout\); got 30$/m);
    const { response } = await record('/profile?seconds=4');
    harness.clock.advance(4_000);
    assert.equal((await response).status, 200);
  });

  it('sends nothing where other code has already answered', async () => {
    await start();
    harness.server.prependListener('request', (_, response: ServerResponse) => {
      response.write('mine');
      setImmediate(() => response.end());
    });
    assert.equal((await harness.get('/cmdline')).text, 'mine');
    assert.deepEqual(harness.logger.lines, []);
  });

  it('serves HTTP/1.0, and several requests on one connection', async () => {
    await start();
    const { port } = harness.server.address() as AddressInfo;
    const old = connect(port, '127.0.0.1');
    old.end('GET /debug/pprof/cmdline HTTP/1.0\r\n\r\n');
    assert.match(await text(old), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\/bin\/node/);
    const kept = connect(port, '127.0.0.1');
    const get = (path: string, more = ''): string =>
      `GET /debug/pprof/${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
    kept.write(get('cmdline') + get('nothing') + get('cmdline', 'Connection: close\r\n'));
    const statuses = [...(await text(kept)).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code);
    assert.deepEqual(statuses, ['200', '404', '200']);
  });

  it('withstands any label and path', async () => {
    await start();
    for (const value of [
      '\r\nX-Evil: 1',
      '"; filename="evil',
      '\0',
      '</pre><script>',
      '\u{1f600}',
      '%',
    ]) {
      const query = `rule=${encodeURIComponent(value)}&${encodeURIComponent(value)}=1`;
      const { response } = await record(`/profile?seconds=1&${query}`);
      harness.clock.advance(1_000);
      const { status, headers } = await response;
      assert.equal(status, 200);
      assert.equal(headers['content-disposition'], 'attachment; filename="profile.pb.gz"');
      assert.equal(headers['x-evil'], undefined);
      assert.equal((await harness.get(`/${encodeURIComponent(value)}`)).status, 404);
    }
    assert.equal((await harness.get('/profile?seconds=%zz')).status, 400);
    assert.deepEqual(harness.logger.lines, []);
  });

  it('closes the connection when a reply cannot be sent', async () => {
    await start();
    harness.server.prependListener('request', (request: IncomingMessage) => {
      // Routers decode paths. The text is then too wide for the header Location.
      if (request.url?.includes('?') === true) request.url = decodeURI(request.url);
    });
    await assert.rejects(harness.get('?%E2%82%AC'), { code: 'ECONNRESET' });
    assert.match(`${harness.logger.lines[0]?.message}`, /^rulescope: the pprof handler failed/);
    assert.equal((await harness.get('/cmdline')).status, 200);
  });

  it('closes although a reader of the heap fails to', async () => {
    await start({ heap: true });
    const [reader] = harness.heap.open_ as Set<{ close(): void }>;
    assert.ok(reader !== undefined);
    const close = reader.close.bind(reader);
    reader.close = () => {
      close();
      throw new Error('a bug');
    };
    await harness.handler.close();
    assert.equal(harness.logger.lines.length, 1);
    assert.equal((await harness.get('/cmdline')).status, 503);
  });

  it('reports its own failure and goes on', async () => {
    await start();
    harness.heap.support = () => {
      throw new Error('a bug');
    };
    assert.deepEqual(
      [(await harness.get('/heap')).text, (await harness.get('/cmdline')).status],
      ['the profiler failed: a bug\n', 200],
    );
    assert.equal(harness.logger.lines[0]?.message, 'rulescope: the pprof handler failed');
  });

  it('does not wait for authorize when it is closed', async () => {
    let asked = 0;
    await start({
      authorize: () => {
        asked++;
        return new Promise<boolean>(() => undefined);
      },
    });
    const response = harness.get('/cmdline');
    await until(() => asked > 0);
    await harness.handler.close();
    assert.equal((await response).status, 503);
  });

  it('records nothing for a client that disconnects before or while authorize decides', async () => {
    let admit: (admitted: boolean) => void = () => undefined;
    await start({ authorize: () => new Promise<boolean>((resolve) => (admit = resolve)) });
    const handled = once(harness.server, 'request');
    const sent = harness.send('/profile');
    sent.on('error', () => undefined);
    const [request, response] = (await handled) as [IncomingMessage, ServerResponse];
    sent.destroy();
    await once(response, 'close');
    admit(true);
    await settled();
    harness.handler(request, response);
    admit(true);
    await settled();
    assert.deepEqual(harness.sampler.calls, []);
  });

  it('survives an authorize that rejects after the client disconnected', async () => {
    let fail: (error: Error) => void = () => undefined;
    await start({ authorize: () => new Promise<boolean>((_, reject) => (fail = reject)) });
    const unhandled = await unhandledRejections(async () => {
      const handled = once(harness.server, 'request');
      const sent = harness.send('/profile');
      sent.on('error', () => undefined);
      const [, response] = (await handled) as [IncomingMessage, ServerResponse];
      sent.destroy();
      await once(response, 'close');
      fail(new Error('too late'));
      // A server with a queue in front may pass on a request whose client is gone already.
      harness.handler(new IncomingMessage(new Socket()), response);
      fail(new Error('too late'));
    });
    assert.deepEqual(unhandled, []);
    assert.deepEqual(
      harness.logger.lines.map(({ message }) => message),
      Array(2).fill('rulescope: authorize of the pprof handler failed'),
    );
  });

  it('sends nothing to a client that disconnects while the handler closes', async () => {
    await start({ authorize: () => true });
    const incoming = new IncomingMessage(new Socket());
    incoming.method = 'GET';
    incoming.url = '/debug/pprof/profile';
    const response = new ServerResponse(incoming);
    harness.handler(incoming, response);
    await until(() => harness.clock.pendingTimers > 0);
    const closing = harness.handler.close();
    response.emit('close');
    await closing;
    assert.ok(!response.headersSent);
    assert.deepEqual(harness.logger.lines, []);
  });
});

const PATH = '/debug/pprof';

describe('findRoute', () => {
  const found = (url: string, originalUrl?: string, path = PATH) => {
    const route = findRoute(url, originalUrl, path);
    return route && [route.name, route.query, route.indexPath];
  };

  it('finds endpoints below the path of the handler', () => {
    assert.deepEqual(found('/debug/pprof/'), ['', '', '/debug/pprof/']);
    assert.deepEqual(found('/debug/pprof/profile?seconds=1&a=?'), [
      'profile',
      'seconds=1&a=?',
      '/debug/pprof/',
    ]);
    assert.deepEqual(found('/heap', undefined, '/'), ['heap', '', '/']);
    assert.equal(found('/debug/pproff/heap'), undefined);
    assert.equal(found('/heap'), undefined);
    assert.equal(found('/'), undefined);
  });

  it('finds the usage of rules beside the path of the handler, and below it', () => {
    const usage = (...args: Parameters<typeof found>) => found(...args)?.slice(0, 2);
    const expected = ['rules/usage', 'top=1'];
    assert.deepEqual(usage('/debug/rules/usage?top=1'), expected);
    assert.deepEqual(usage('/debug/pprof/rules/usage?top=1'), expected);
    assert.deepEqual(usage('/usage?top=1', '/debug/rules/usage?top=1'), expected);
    assert.deepEqual(usage('/debug/rules/usage?top=1', '/x/debug/rules/usage?top=1'), expected);
    assert.deepEqual(usage('/rules/usage?top=1', '/x/rules/usage?top=1'), expected);
    assert.deepEqual(usage('/rules/usage?top=1', undefined, '/'), expected);
    assert.deepEqual(usage('/rules/usage?top=1', undefined, '/pprof'), expected);
    assert.equal(usage('/rules/usage?top=1'), undefined);
  });

  it('finds endpoints below the mount point of a framework', () => {
    assert.deepEqual(found('/heap?a=1', '/x/y/heap?a=1'), ['heap', 'a=1', '/x/y/']);
    assert.deepEqual(found('/', '/x/y/'), ['', '', '/x/y/']);
    assert.deepEqual(found('/debug/pprof/heap', '/x/debug/pprof/heap'), [
      'heap',
      '',
      '/debug/pprof/',
    ]);
    assert.equal(found('/heap', '/heap'), undefined, 'mounted at no path of its own');
  });
});

describe('indexRedirect', () => {
  it('adds the last slash of the index page at any mount point', () => {
    const redirect = (url: string, originalUrl?: string) =>
      indexRedirect(findRoute(url, originalUrl, PATH)!);
    assert.equal(redirect('/debug/pprof'), './pprof/');
    assert.equal(redirect('/debug/pprof?a=1'), './pprof/?a=1');
    assert.equal(redirect('/', '/x/y'), './y/');
    assert.equal(redirect('/?a=1', '/x/y?a=1'), './y/?a=1');
    assert.equal(redirect('/', '/x/javascript:y'), './javascript:y/');
    for (const url of ['/debug/pprof/', '/debug/pprof/heap']) {
      assert.equal(redirect(url), undefined);
    }
    assert.equal(redirect('/', '/x/y/'), undefined);
    assert.equal(redirect('/heap', '/x/y/heap'), undefined);
  });
});

function decode({ status, body, text: message }: Response): Profile {
  assert.equal(status, 200, message);
  return Profile.decode(gunzipSync(body));
}

/** Returns the length of the profile, seconds. */
function durationOf(response: Response): number {
  return Number(decode(response).durationNanos) / 1e9;
}
