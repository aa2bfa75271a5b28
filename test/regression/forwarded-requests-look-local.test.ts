import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { servePprof } from '../support/pprofServer';

/** What clients of other machines get through a proxy on this machine that passes their `Host`. */
const FORWARDED = {
  'nginx before 1.29.7, by default': ['HTTP/1.0', 'Host: 127.0.0.1:3000', 'Connection: close'],
  'nginx with its usual headers': ['HTTP/1.1', 'Host: localhost', 'X-Real-IP: 203.0.113.1'],
  'Apache with ProxyPreserveHost': ['HTTP/1.1', 'Host: localhost', 'X-Forwarded-For: 203.0.113.1'],
  'HAProxy with option forwarded': ['HTTP/1.1', 'Host: localhost', 'Forwarded: for=203.0.113.1'],
  'a proxy that follows RFC 9110': ['HTTP/1.1', 'Host: localhost', 'Via: 1.1 proxy'],
  'a proxy for Envoy': ['HTTP/1.1', 'Host: localhost', 'X-Envoy-External-Address: 203.0.113.1'],
  'IIS with ARR': ['HTTP/1.1', 'Host: localhost', 'X-Original-URL: /debug/pprof/'],
  'a content delivery network': ['HTTP/1.1', 'Host: localhost', 'CDN-Loop: example'],
};

describe('requests that a proxy on this machine forwards', () => {
  const port = servePprof();

  async function replyTo(path: string, version: string, ...headers: string[]): Promise<string> {
    const client = connect(port(), '127.0.0.1');
    const lines = [`GET ${path} ${version}`, ...headers, 'Connection: close', '', ''];
    client.end(lines.join('\r\n'));
    return text(client);
  }

  for (const [proxy, [version = '', ...headers]] of Object.entries(FORWARDED)) {
    it(`are refused: ${proxy}`, async () => {
      for (const path of ['/debug/pprof/cmdline', '/debug/rules/usage', '/debug/pprof/']) {
        assert.match(await replyTo(path, version, ...headers), /^HTTP\/1\.1 403 /, path);
      }
    });
  }

  it('are told from requests of this machine', async () => {
    const reply = await replyTo('/debug/pprof/cmdline', 'HTTP/1.1', 'Host: localhost:3000');
    assert.match(reply, /^HTTP\/1\.1 200 /);
  });
});
