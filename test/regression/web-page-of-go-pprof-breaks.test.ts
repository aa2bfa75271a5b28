import { strict as assert } from 'node:assert';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { openHeap } from '@rulescope/profiler/heap';
import { startLineProfile } from '@rulescope/profiler/lines';
import { CHROMIUM } from '../support/chromium';
import { GoPprof } from '../support/goPprof';
import { recordProfile } from '../support/recordedProfile';

describe('the web page of go tool pprof', function () {
  this.timeout(60_000);
  const pprof = new GoPprof();
  let cpuPath: string;
  let browser: Browser;

  before(async () => {
    cpuPath = pprof.write(await recordProfile());
    browser = await chromium.launch(CHROMIUM);
  });

  after(async () => {
    await browser?.close();
    pprof.remove();
  });

  it('opens its menus, shows every sample type, and the source of a function', async () => {
    const server = await pprof.serve(cpuPath);
    const page = await browser.newPage();
    try {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      for (const type of ['samples', 'wall', 'cpu']) {
        await page.goto(`${server.url}/ui/top`);
        await openMenu(page, 'Config');
        await openMenu(page, 'Sample');
        await page.locator('.submenu a', { hasText: new RegExp(`^${type}$`) }).click();
        await page.waitForURL(`**/ui/top?si=${type}`);
        assert.match(await page.locator('.description').innerText(), new RegExp(`\\b${type}\\b`));
        assert.ok((await page.locator('#rows tr').count()) > 0, 'the table is empty');
      }
      assert.deepEqual(errors, []);
      await page.goto(`${server.url}/ui/source?f=^burn$`);
      assertSource(await page.content());
    } finally {
      await page.close();
      await server.stop();
    }
  });

  it('has each id once: for profiles of CPU, heap and lines', async () => {
    const [lines, heap] = [startLineProfile(), openHeap()];
    const profiles = [heap.profile(), lines.stop()].map((profile) => pprof.write(profile));
    heap.close();
    for (const path of [cpuPath, ...profiles]) {
      const server = await pprof.serve(path);
      const html = await (await fetch(`${server.url}/ui/top`)).text();
      await server.stop();
      const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      assert.ok(ids.length > 10);
      assert.deepEqual(ids, [...new Set(ids)]);
    }
  });

  it('lists the source of a function, even where it finds the program', async () => {
    const output = join(pprof.directory, 'list.html');
    const args = ['-weblist=^burn$', `-output=${output}`, cpuPath];
    await pprof.run(...args);
    assertSource(readFileSync(output, 'utf8'));
    // pprof now opens the program, and must not read its machine code at an address of ours.
    symlinkSync(process.execPath, join(pprof.directory, 'node'));
    await pprof.runIn(pprof.directory, ...args);
  });
});

async function openMenu(page: Page, name: string): Promise<void> {
  const item = page.locator('.menu-item', { has: page.locator('.menu-name', { hasText: name }) });
  await item.locator('.menu-name').click();
  await item.locator('.submenu').waitFor({ state: 'visible' });
}

function assertSource(html: string): void {
  assert.match(html, /<h2>burn<\/h2>/);
  assert.match(html, /function burn\(rounds\)/);
}
