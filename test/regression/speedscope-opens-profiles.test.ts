import { strict as assert } from 'node:assert';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { formatTop, top } from '@rulescope/profiler/report';
import { CHROMIUM } from '../support/chromium';
import { GoPprof } from '../support/goPprof';
import { recordProfile } from '../support/recordedProfile';

/** The package has the importer only in its page. */
const PAGE = join(dirname(require.resolve('speedscope/package.json')), 'dist/release/index.html');

describe('speedscope', function () {
  this.timeout(60_000);
  const files = new GoPprof();
  let browser: Browser;

  before(async () => {
    browser = await chromium.launch(CHROMIUM);
  });

  after(async () => {
    await browser?.close();
    files.remove();
  });

  it('opens a profile and shows the same figures of its default sample type', async () => {
    const profile = await recordProfile();
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(pathToFileURL(PAGE).href);
    await page.locator('input[type=file]').setInputFiles(files.write(profile));
    await page.getByText('Sandwich').click();
    const row = page.locator('tr', { hasText: /\bburn$/ });
    const [total, self] = await row.locator('td').allInnerTexts();
    const { entries, total: all } = top(profile);
    const burn = entries.find(({ name }) => name === 'burn');
    assert.ok(burn !== undefined, formatTop(top(profile)));
    for (const [text, value] of [
      [total, burn.cum],
      [self, burn.flat],
    ] as const) {
      assert.match(String(text), /^[\d.]+(ms|s) \([\d.]+%\)$/);
      const percent = Number(/\(([\d.]+)%\)/.exec(text!)![1]);
      assert.ok(Math.abs(percent - (Number(value) / Number(all)) * 100) < 1, `${text}, ${value}`);
    }
    assert.deepEqual(errors, []);
    await page.close();
  });
});
