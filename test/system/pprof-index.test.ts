import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { createPprofHandler } from '@rulescope/profiler/http';
import { CHROMIUM } from '../support/chromium';

describe('the index page of /debug/pprof/, in Chromium', function () {
  this.timeout(60_000);
  const handler = createPprofHandler();
  const server: Server = createServer(handler);
  let browser: Browser;
  let url: string;

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug/pprof/`;
    browser = await chromium.launch({
      ...CHROMIUM,
      args: [...CHROMIUM.args, '--host-resolver-rules=MAP rebound.example 127.0.0.1'],
    });
  });

  after(async () => {
    await browser?.close();
    await handler.close();
    server.close();
    server.closeAllConnections();
  });

  for (const [colorScheme, paper] of [
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(19, 21, 24)'],
  ] as const) {
    it(`is ${colorScheme} like the system of the reader, and loads nothing else`, async () => {
      const page = await browser.newPage({ colorScheme });
      const errors: string[] = [];
      page.on('console', (message) => errors.push(message.text()));
      page.on('request', (request) => {
        if (request.url() !== url) errors.push(`request for ${request.url()}`);
      });
      await page.goto(url);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(background, paper);
      assert.deepEqual(errors, []);
      await page.close();
    });
  }

  it('has working links', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.click('h2 a[href="cmdline"]');
    await page.waitForURL(`${url}cmdline`);
    assert.match((await page.textContent('body')) ?? '', /node/);
    await page.close();
  });

  it('does not answer pages of other sites', async () => {
    const page = await browser.newPage();
    // The browser hides the response from such a page, so the test reads it in the browser.
    const [[request, response]] = (await Promise.all([
      once(server, 'request'),
      page.setContent(`<img src="${url}cmdline">`),
    ])) as [[IncomingMessage, ServerResponse], void];
    assert.equal(request.headers['sec-fetch-site'], 'cross-site');
    if (!response.writableFinished) await once(response, 'finish');
    assert.equal(response.statusCode, 403);
    await page.close();
  });

  it('does not answer under a name that was rebound to this machine', async () => {
    const page = await browser.newPage();
    const response = await page.goto(url.replace('127.0.0.1', 'rebound.example'));
    assert.equal(response?.status(), 403);
    assert.match((await page.textContent('body')) ?? '', /it is addressed to "rebound\.example:/);
    await page.close();
  });
});
