import { strict as assert } from 'node:assert';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { recipe } from '../support/frameworks/startApp';
import { assertThreeToOne } from '../support/frameworks/threeToOne';
import { eventually, freePort, run } from '../support/processes';
import {
  appFolder,
  application,
  emptyFolder,
  environment,
  examples,
  output,
} from './support/application';

/** Returns the seconds of CPU of each rule, and whether samples are fair. */
async function scrape(port: number): Promise<{ seconds: Map<string, number>; fair: boolean }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const rules = text.matchAll(
    /^rulescope_rule_cpu_time_total\{.*rulescope_rule_id="(\w+)".*\} (\S+)/gm,
  );
  const fair = /^rulescope_sampler_info\{.*rulescope_sampler_fair="true".*\} 1/m.test(text);
  return { seconds: new Map([...rules].map(([, id, value]) => [id!, Number(value)])), fair };
}

/** Asks the application for work in two rules, until the metrics have both. */
async function measure(url: string, metricsPort: number): Promise<void> {
  const { seconds, fair } = await eventually('rules in the metrics', async () => {
    for (const [rule, millis] of [
      ['hot', 30],
      ['cold', 10],
    ] as const) {
      const response = await fetch(`${url}/work?rule=${rule}&millis=${millis}`);
      assert.equal(response.status, 200);
    }
    const figures = await scrape(metricsPort);
    return (figures.seconds.get('cold') ?? 0) > 0.25 ? figures : undefined;
  });
  assert.ok(seconds.get('hot')! > seconds.get('cold')!, JSON.stringify([...seconds]));
  assert.equal(fair, true);
}

describe('Next.js', function () {
  // A build takes one minute of CPU and up to four minutes on a busy machine.
  this.timeout(600_000);
  for (const bundler of ['turbopack', 'webpack']) {
    it(`measures the rules of route handlers, and routes of 3:1 requests as 3:1: ${bundler}`, async () => {
      const [config, hook, telemetry] = examples('Next.js');
      const name = `next-${bundler}`;
      const directory = appFolder(await application(), name, ['next'], {
        // A standalone server proves what the build found.
        'next.config.mjs': config!.replace('export default {', "$& output: 'standalone',"),
        'instrumentation.js': hook!,
        'telemetry.js': telemetry!.replace(
          'PrometheusExporter()',
          'PrometheusExporter({ port: Number(process.env.METRICS_PORT) })',
        ),
      });
      for (const name of ['orders', 'users']) {
        const file = join(directory, 'app', name, '[id]/route.js');
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, recipe('Next.js').replaceAll('orders', name));
      }
      await output('next', ['build', `--${bundler}`], { cwd: directory });

      const deployed = emptyFolder(`deployed-${name}`);
      cpSync(join(directory, '.next/standalone'), deployed, {
        recursive: true,
        verbatimSymlinks: true,
      });
      const [port, metricsPort] = [await freePort(), await freePort()];
      const app = run(process.execPath, ['server.js'], {
        cwd: join(deployed, name),
        env: environment({
          PORT: String(port),
          HOSTNAME: '127.0.0.1',
          METRICS_PORT: String(metricsPort),
        }),
      });
      await app.waitFor(/Ready in/);
      const url = `http://127.0.0.1:${port}`;
      await measure(url, metricsPort);
      await assertThreeToOne({ url, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` }, [
        { path: '/users', rule: 'GET /users/[id]' },
        { path: '/orders', rule: 'GET /orders/[id]' },
      ]);
      await app.stop();
      assert.doesNotMatch(app.output(), /RULESCOPE_|rulescope:/);
    });
  }
});
