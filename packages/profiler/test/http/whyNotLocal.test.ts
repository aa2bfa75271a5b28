import assert from 'node:assert/strict';
import { whyNotLocal } from '../../src/http/whyNotLocal';

const HOST = { host: 'localhost:3000' };

describe('whyNotLocal', () => {
  it('knows the addresses of loopback', () => {
    for (const remoteAddress of [
      '127.0.0.1',
      '127.8.9.1',
      '::1',
      '::ffff:127.0.0.1',
      '::FFFF:127.0.0.1',
    ])
      assert.equal(whyNotLocal({ remoteAddress, headers: HOST }), undefined, remoteAddress);
    for (const remoteAddress of [
      '10.0.0.1',
      '::ffff:10.0.0.1',
      '2001:db8::1',
      '::',
      '0.0.0.0',
      '127.evil.com',
      '1270.0.0.1',
      '::ffff:7f00:1',
      '',
      undefined,
    ])
      assert.ok(whyNotLocal({ remoteAddress, headers: HOST }), remoteAddress);
  });

  it('does not take a proxy for the one behind it', () => {
    for (const header of [
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-real-ip',
      'via',
      'cf-connecting-ip',
    ]) {
      const why = whyNotLocal({
        remoteAddress: '::1',
        headers: { ...HOST, [header]: '127.0.0.1' },
      });
      assert.equal(why, `a proxy has forwarded it (header ${header})`);
    }
  });

  it('does not take a name that was rebound to 127.0.0.1 for this machine', () => {
    const withHost = (host: string) => whyNotLocal({ remoteAddress: '::1', headers: { host } });
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
      assert.equal(withHost(host), undefined, host);
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
      assert.match(withHost(host) ?? '', /^it is addressed to "/, host);
    assert.equal(whyNotLocal({ remoteAddress: '::1', headers: {} }), undefined, 'HTTP/1.0');
    assert.ok(
      whyNotLocal({ remoteAddress: '::1', headers: { ':authority': 'evil.com' } }),
      'HTTP/2',
    );
  });

  it('does not let pages of other sites make requests in a browser here', () => {
    const from = (site: string) =>
      whyNotLocal({ remoteAddress: '::1', headers: { ...HOST, 'sec-fetch-site': site } });
    assert.equal(from('cross-site'), 'a page of another site has made it');
    for (const site of ['none', 'same-origin', 'same-site']) assert.equal(from(site), undefined);
  });
});
