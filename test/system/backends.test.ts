import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { OtlpReceiver } from '../support/backends/OtlpReceiver';
import { byRule, decodeMetrics } from '../support/backends/decodeOtlp';
import { assertRight, assertSame, becomesSame, startApp } from '../support/backends/startApp';
import { eventually, freePort } from '../support/processes';
import { byRuleOf } from '../support/promql';
import { type VictoriaMetrics, startVictoriaMetrics } from '../support/victoriaMetrics';

/** Names of metrics: as OTLP has them, in a scrape, and in VictoriaMetrics. */
const NAMES = [
  [
    'rulescope.rule.cpu.time',
    'rulescope_rule_cpu_time_total',
    'rulescope_rule_cpu_time_seconds_total',
    'cpuTime',
  ],
  [
    'rulescope.rule.cpu.variance',
    'rulescope_rule_cpu_variance_total',
    'rulescope_rule_cpu_variance_s2_total',
    'variance',
  ],
  [
    'rulescope.rule.cpu.samples',
    'rulescope_rule_cpu_samples_total',
    'rulescope_rule_cpu_samples_total',
    'samples',
  ],
] as const;
/** Samples after which the statistical bound of `assertRight` is worth something: about 4 s. */
const ENOUGH_SAMPLES = 150;

describe('backends', () => {
  let victoria: VictoriaMetrics;

  before(async () => {
    victoria = await startVictoriaMetrics();
  });
  after(async () => victoria?.stop());

  const enoughSamples = (): Promise<true> =>
    eventually(`${ENOUGH_SAMPLES} samples`, async () => {
      const sum = await victoria.scalar('sum(rulescope_rule_cpu_samples_total)');
      return sum >= ENOUGH_SAMPLES ? true : undefined;
    });
  /** Deletes all series, so that the tests do not share them. */
  afterEach(async () => {
    await fetch(`${victoria.url}/api/v1/admin/tsdb/delete_series?match[]={__name__!=""}`);
  });

  it('have the same totals: a scrape, VictoriaMetrics by OTLP, and OTLP with deltas', async () => {
    const deltas = await OtlpReceiver.start();
    const prometheusPort = await freePort();
    const often = { encoding: 'protobuf', intervalMillis: 500, timeoutMillis: 500 } as const;
    const app = await startApp({
      prometheusPort,
      otlp: [
        { ...often, url: victoria.otlpUrl },
        // A reply that came too late would make the exporter send a delta twice.
        { ...often, url: deltas.url, delta: true, intervalMillis: 3_000, timeoutMillis: 3_000 },
      ],
    });
    await enoughSamples();
    const figures = await app.rest();
    assertRight(figures);
    const scrape = await (await fetch(`http://127.0.0.1:${prometheusPort}/metrics`)).text();
    for (const [, , inVictoria, figure] of NAMES) {
      await becomesSame(() => byRuleOf(victoria, inVictoria), figures[figure]);
    }
    await app.end();
    await deltas.close();

    // Fails with the text of what it does not like.
    execFileSync('promtool', ['check', 'metrics'], { input: scrape });
    const decoded = deltas.received.map(({ body }) => decodeMetrics(body));
    assert.ok(decoded.length >= 2);
    for (const [otlp, scraped, , figure] of NAMES) {
      const expected = figures[figure];
      assertSame(byRuleOfScrape(scrape, scraped), expected);
      assertSame(sums(decoded.map((each) => byRule(each, otlp))), expected);
      const found = decoded.flatMap(({ metrics }) => metrics.get(otlp)?.temporality ?? []);
      assert.deepEqual([...new Set(found)], ['AGGREGATION_TEMPORALITY_DELTA']);
    }
  });

  it('that are away, silent or refuse disturb nothing, and have all once they are back', async () => {
    const backend = await OtlpReceiver.start({ forwardTo: victoria.otlpUrl });
    const otlp = { encoding: 'protobuf', intervalMillis: 400, timeoutMillis: 400 } as const;
    const app = await startApp({ otlp: [{ ...otlp, url: backend.url }] });
    await backend.moreAccepted();
    await backend.close();
    await app.moreErrors(2);
    await backend.open();
    for (const mode of ['silent', 503, 400] as const) {
      backend.mode = mode;
      await app.moreErrors(2);
    }
    backend.mode = 'up';
    await enoughSamples();
    const figures = await app.rest();
    assertRight(figures);
    assert.equal(figures.windows['failed'], 0);
    for (const [, , inVictoria, figure] of NAMES) {
      await becomesSame(() => byRuleOf(victoria, inVictoria), figures[figure]);
    }
    // Its exit code is 0 also if the last export fails.
    await backend.close();
    await app.end();
  });

  it('with deltas miss only what a failed export carried', async () => {
    const backend = await OtlpReceiver.start();
    const url = backend.url;
    const app = await startApp({
      otlp: [
        { encoding: 'protobuf', url, delta: true, intervalMillis: 3_000, timeoutMillis: 3_000 },
      ],
    });
    const answer = async (status: number): Promise<void> => {
      backend.mode = status;
      await eventually(`a reply ${status}`, () =>
        Promise.resolve(backend.received.at(-1)?.status === status ? true : undefined),
      );
      backend.mode = 'up';
    };
    // The exporter sends the same export again after 503, and drops it after 400.
    await answer(503);
    await backend.moreAccepted();
    await answer(400);
    const figures = await app.rest();
    await app.end();
    await backend.close();
    const carried = (...statuses: number[]): Record<string, number> =>
      sums(
        backend.received
          .filter(({ status }) => statuses.includes(status))
          .map(({ body }) => byRule(decodeMetrics(body), 'rulescope.rule.cpu.time')),
      );
    assertSame(carried(200, 400), figures.cpuTime);
    assert.ok(carried(400)['hot']! > 0);
  });
});

/** Returns the values of a metric in the text that Prometheus scrapes, by rule. */
function byRuleOfScrape(text: string, name: string): Record<string, number> {
  const lines = text.matchAll(
    new RegExp(`^${name}\\{rulescope_rule_id="(\\w+)".*\\} (\\S+)$`, 'gm'),
  );
  return Object.fromEntries([...lines].map(([, rule, value]) => [rule!, Number(value)]));
}

function sums(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [key, value] of all.flatMap(Object.entries<number>))
    sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
