import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import {
  type Authorize,
  ConcurrencyLimit,
  type Sender,
  checkAccess,
  checkLocalRequest,
} from '../../src/http/accessControl';
import { DISCONNECTED, HttpError, SHUTTING_DOWN } from '../../src/http/endpoint';
import { FakeClock } from '../support/FakeClock';
import { LogSpy } from '../support/LogSpy';
import { httpError, httpErrorOf } from '../support/httpError';
import { unhandledRejections } from '../support/unhandledRejections';

describe('checkAccess', () => {
  const logger = new LogSpy();

  /** Checks a request from `remoteAddress`. */
  function check(
    authorize: Authorize | undefined,
    remoteAddress: string,
    signal = new AbortController().signal,
  ): Promise<void> {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
    return checkAccess(new IncomingMessage(socket), authorize, logger, signal);
  }

  it('admits this machine, and tells other clients which option admits them', async () => {
    await check(undefined, '127.0.0.1');
    const [status, text] = await httpErrorOf(check(undefined, '10.1.2.3'));
    assert.equal(status, 403);
    assert.match(text, /it comes from 10\.1\.2\.3\.[^]*createPprofHandler\(\{ authorize:/);
  });

  it('admits a request only when authorize returns true', async () => {
    await check(() => true, '10.1.2.3');
    await check(() => Promise.resolve(true), '10.1.2.3');
    for (const answer of [false, Promise.resolve(false), undefined, 1, 'true', {}]) {
      const authorize = (() => answer) as unknown as Authorize;
      assert.equal((await httpErrorOf(check(authorize, '127.0.0.1')))[0], 403);
    }
  });

  it('denies a request when authorize fails, and tells only the application why', async () => {
    const failing: Authorize[] = [
      () => {
        throw new Error('secret');
      },
      () => Promise.reject(new Error('secret')),
    ];
    for (const authorize of failing) {
      const reported = logger.lines.length;
      const [status, text] = await httpErrorOf(check(authorize, '127.0.0.1'));
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

  it('stops waiting for authorize when the signal aborts', async () => {
    const controller = new AbortController();
    const pending = check(() => new Promise(() => undefined), '127.0.0.1', controller.signal);
    controller.abort(SHUTTING_DOWN);
    await assert.rejects(pending, SHUTTING_DOWN);
    const late = check(() => new Promise(() => undefined), '127.0.0.1', controller.signal);
    await assert.rejects(late, SHUTTING_DOWN);
  });

  for (const when of ['before', 'after'] as const) {
    it(`survives authorize rejecting for a client that disconnected ${when} the call`, async () => {
      const unhandled = await unhandledRejections(async () => {
        const controller = new AbortController();
        if (when === 'before') controller.abort(DISCONNECTED);
        let fail: (error: Error) => void = () => undefined;
        const authorize = () => new Promise<boolean>((_, reject) => (fail = reject));
        const checking = check(authorize, '127.0.0.1', controller.signal);
        controller.abort(DISCONNECTED);
        await assert.rejects(checking, DISCONNECTED);
        fail(new Error('too late'));
      });
      assert.deepEqual(unhandled, []);
    });
  }
});

describe('checkLocalRequest', () => {
  const HOST = { host: 'localhost:3000' };

  /** Returns the text of the error; empty when the request counts as local. */
  function reason(sender: Omit<Sender, 'httpVersion'> & { httpVersion?: string }): string {
    let text = '';
    try {
      checkLocalRequest({ httpVersion: '1.1', ...sender });
    } catch (thrown) {
      let status;
      [status, text] = httpError(() => {
        throw thrown;
      });
      assert.equal(status, 403);
    }
    return text;
  }

  it('accepts loopback addresses only', () => {
    for (const remoteAddress of [
      '127.0.0.1',
      '127.8.9.1',
      '::1',
      '::ffff:127.0.0.1',
      '::FFFF:127.0.0.1',
      '::ffff:7f00:1',
    ])
      assert.equal(reason({ remoteAddress, headers: HOST }), '', remoteAddress);
    for (const remoteAddress of [
      '10.0.0.1',
      '126.255.255.255',
      '128.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:a00:1',
      '::127.0.0.1',
      '2001:db8::1',
      '::',
      '::2',
      '0.0.0.0',
      '127.evil.com',
      '1270.0.0.1',
      '127.1',
      '',
      undefined,
    ])
      assert.ok(reason({ remoteAddress, headers: HOST }), remoteAddress);
  });

  it('refuses what a proxy forwarded', () => {
    for (const header of [
      'forwarded',
      'x-forwarded',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-original-forwarded-for',
      'x-original-url',
      'x-envoy-external-address',
      'x-arr-log-id',
      'x-varnish',
      'x-real-ip',
      'via',
      'cf-connecting-ip',
      'cf-ray',
      'cdn-loop',
    ]) {
      const headers = { ...HOST, [header]: '127.0.0.1' };
      const text = reason({ remoteAddress: '::1', headers });
      assert.ok(text.includes(`: a proxy forwarded it (header ${header}).`), text);
    }
    for (const header of ['accept', 'viable', 'traceparent', 'x-request-id', 'x-originally']) {
      assert.equal(reason({ remoteAddress: '::1', headers: { ...HOST, [header]: '1' } }), '');
    }
  });

  it('refuses HTTP/1.0 with a host, which proxies send that add no header', () => {
    const withVersion = (httpVersion: string, headers = {}) =>
      reason({ remoteAddress: '::1', headers, httpVersion });
    assert.match(withVersion('1.0', HOST), /: it is HTTP\/1\.0 with a host, as proxies send it\./);
    assert.equal(withVersion('1.0'), '');
    for (const version of ['1.1', '2.0']) assert.equal(withVersion(version, HOST), '');
  });

  it('refuses a host name that is not localhost, because it may be rebound to 127.0.0.1', () => {
    const withHost = (host: string) => reason({ remoteAddress: '::1', headers: { host } });
    for (const host of [
      'localhost',
      'LocalHost:1',
      'localhost.:1',
      'a.localhost',
      '127.0.0.1:80',
      '[::1]:80',
      '[::1]',
      '127.1.1.1',
    ])
      assert.equal(withHost(host), '', host);
    for (const host of [
      'evil.com',
      'evil.com:80',
      '127.0.0.1.evil.com',
      'localhost.evil.com',
      '10.0.0.1',
      '[::2]',
      '',
      'evil.com:127.0.0.1',
      'notlocalhost',
    ])
      assert.match(withHost(host), /: it is addressed to "/, host);
    assert.equal(reason({ remoteAddress: '::1', headers: {} }), '', 'HTTP/1.0');
    assert.ok(reason({ remoteAddress: '::1', headers: { ':authority': 'evil.com' } }), 'HTTP/2');
  });

  it('refuses requests that pages of other sites make in a browser on this machine', () => {
    const from = (site: string) =>
      reason({ remoteAddress: '::1', headers: { ...HOST, 'sec-fetch-site': site } });
    assert.match(from('cross-site'), /: a page of another site made it\./);
    for (const site of ['none', 'same-origin', 'same-site']) assert.equal(from(site), '');
  });
});

describe('ConcurrencyLimit', () => {
  /** A recording that ends when told to. */
  function recording() {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    return { record: () => ended, end };
  }

  const never = () => new Promise<never>(() => undefined);

  function setUp(max: number) {
    const clock = new FakeClock();
    return { clock, limit: new ConcurrencyLimit(max, clock) };
  }

  it('refuses one recording too many, and says when the next one ends', async () => {
    const { clock, limit } = setUp(2);
    const first = recording();
    const running = limit.run(30, first.record);
    clock.advance(5_000);
    void limit.run(60, never);
    clock.advance(500);
    let ran = false;
    const refused = limit.run(1, () => Promise.resolve((ran = true)));
    await assert.rejects(
      refused,
      (thrown) =>
        thrown instanceof HttpError &&
        thrown.status === 429 &&
        thrown.headers['Retry-After'] === '25' &&
        thrown.message ===
          '2 recordings are running, the most at the same time (option maxConcurrent); try again in 25 s',
    );
    assert.ok(!ran);
    first.end();
    await running;
    void limit.run(1, never);
    await assert.rejects(limit.run(1, never), /^HttpError: 2 recordings are running/);
  });

  it('allows another recording after one failed', async () => {
    const { limit } = setUp(1);
    await assert.rejects(
      limit.run(1, () => Promise.reject(new Error('broke'))),
      /broke/,
    );
    assert.equal(await limit.run(1, () => Promise.resolve(7)), 7);
  });

  it('asks the client to wait for a second at least', async () => {
    const { clock, limit } = setUp(1);
    void limit.run(1, never);
    clock.advance(5_000);
    await assert.rejects(limit.run(1, never), { headers: { 'Retry-After': '1' } });
  });
});
