/**
 * Draws the data of each panel of the dashboard as a picture: what Grafana would show, drawn by
 * uPlot in Chromium. Two demos run for two minutes, and Prometheus scrapes them.
 */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../support/chromium';
import { DASHBOARDS } from '../support/dashboards';
import { startDemo } from '../support/demo';
import { eventually } from '../support/processes';
import { startPrometheusWith } from '../support/prometheus';
import { type Drawing, readDrawings } from './drawings';

const SECONDS = 120;
const STEP = 2;
const OUTPUT = join(DASHBOARDS, 'picture.png');
const PAGE = join(__dirname, '..', '..', 'picture');
const WIDTH = 1100;

async function main(): Promise<void> {
  const demos = await Promise.all([startDemo('--window', '5'), startDemo('--window', '5')]);
  const targets = demos.map(({ url }) => new URL(url).host);
  const prometheus = await startPrometheusWith({
    scrape_configs: [{ job_name: 'demo', static_configs: [{ targets }] }],
  });
  // `up` would count scrapes that failed.
  const scrapes = `min(count_over_time(rulescope_process_cpu_time_total[${SECONDS}s]))`;
  console.log(`Two demos run for ${SECONDS} seconds.`);
  // `eventually` gives up after 90 s.
  for (const share of [0.25, 0.5, 0.75, 0.9]) {
    await eventually(`${share} of the scrapes`, async () =>
      (await prometheus.scalar(scrapes)) >= share * SECONDS ? true : undefined,
    );
  }
  const drawings = await readDrawings(prometheus, { seconds: SECONDS - 20, step: STEP });
  await draw(drawings);
  await Promise.all([prometheus.stop(), ...demos.map((demo) => demo.stop())]);
  console.log(OUTPUT);
}

async function draw(drawings: readonly Drawing[]): Promise<void> {
  const browser = await chromium.launch(CHROMIUM);
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 } });
  await page.setContent('<!doctype html><main></main>');
  await page.addStyleTag({ path: require.resolve('uplot/dist/uPlot.min.css') });
  await page.addStyleTag({ path: join(PAGE, 'page.css') });
  await page.addScriptTag({ path: require.resolve('uplot/dist/uPlot.iife.min.js') });
  await page.addScriptTag({ path: join(PAGE, 'page.js') });
  await page.evaluate(`drawPanels(${JSON.stringify(drawings)})`);
  await page.screenshot({ path: OUTPUT, fullPage: true });
  await browser.close();
}

void main();
