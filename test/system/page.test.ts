import { strict as assert } from 'node:assert';
import { type Browser, type Page, chromium } from 'playwright-core';
import { CHROMIUM } from '../support/chromium';
import { runDemoWith, serving, startDemo } from '../support/demo';
import type { Running } from '../support/processes';

describe('the page of the demo, in Chromium', () => {
  let demo: Running & { url: string };
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    demo = await startDemo('--window', '0.5');
    browser = await chromium.launch(CHROMIUM);
    page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(demo.url) && !request.url().startsWith('data:')) {
        errors.push(`request to another host: ${request.url()}`);
      }
    });
    await page.goto(`${demo.url}/`);
  });

  after(async () => {
    const shot = process.env['RULESCOPE_SCREENSHOT'];
    if (shot !== undefined) await page.screenshot({ path: shot });
    await browser?.close();
    await demo?.stop();
  });

  it('draws a line for each of the four rules', async () => {
    await page.waitForFunction(() => document.querySelectorAll('.u-series').length === 5);
    const labels = await page.locator('.u-legend .u-label').allTextContents();
    assert.deepEqual(labels.slice(1).sort(), [
      'bursty',
      'merge-sort',
      'nearly-idle',
      'prime-sieve',
    ]);
  });

  it('redraws the chart with each window', async () => {
    const picture = (): Promise<string> =>
      page.evaluate(() => document.querySelector<HTMLCanvasElement>('#chart canvas')!.toDataURL());
    const points = await page.evaluate(() => Number(document.body.dataset['points']));
    const first = await picture();
    await page.waitForFunction((n) => Number(document.body.dataset['points']) >= n + 2, points);
    assert.notEqual(await picture(), first);
  });

  it('shows each rule with its error and its samples', async () => {
    const row = page.locator('#rules tr', { hasText: 'prime-sieve' });
    const [, cpu, error, samples] = (await row.locator('td').allTextContents()).map(Number);
    assert.ok(cpu! > 0 && error! > 0 && samples! > 0, `${cpu} ± ${error}, ${samples} samples`);
  });

  it('shows the CPU outside all rules, by the sources of the metrics', async () => {
    const sources = await page.locator('#sources td:first-child').allTextContents();
    assert.deepEqual(sources, ['unlabeled', 'gc', 'runtime', 'other_threads']);
  });

  it('names only metrics that /metrics has', async () => {
    const names = await page.locator('main code').allTextContents();
    assert.deepEqual(names, ['rulescope_rule_cpu_time_total', 'rulescope_process_cpu_time_total']);
    const text = await (await fetch(`${demo.url}/metrics`)).text();
    for (const name of names) assert.match(text, new RegExp(`^${name}\\{`, 'm'));
  });

  it('shows that samples are fair, and how the last window was sampled', async () => {
    assert.equal(await page.locator('#fairness').textContent(), 'samples are fair');
    assert.match((await page.locator('#quality').textContent()) ?? '', /^Last window: /);
  });

  it('shows why samples are not fair', async () => {
    const preload = require.resolve('../support/withoutFairSampling');
    const unfair = await serving(runDemoWith(preload, '--window', '0.5'));
    const tab = await browser.newPage();
    await tab.goto(`${unfair.url}/`);
    await tab.waitForFunction(() => Number(document.body.dataset['points']) > 0);
    assert.equal(await tab.locator('#fairness').textContent(), 'samples are not fair');
    const trouble = (await tab.locator('#trouble').textContent()) ?? '';
    assert.match(
      trouble,
      /^Samples are not fair: Cannot find module '@rulescope\/fair-sampling'\./,
    );
    assert.match(trouble, /README\.md/);
    await tab.close();
    assert.deepEqual(await unfair.stop(), { code: 0, signal: null });
  });

  it('raises no error and sends no request to another host', () => {
    assert.deepEqual(errors, []);
  });
});
