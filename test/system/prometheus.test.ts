import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDemo } from '../support/demo';
import { type Running, eventually } from '../support/processes';
import { type Prometheus, startPrometheus } from '../support/prometheus';

/**
 * Samples of the two big rules that the statistics below need. At 99 per second and 0.54 cores:
 * about half a minute.
 */
const ENOUGH_SAMPLES = 1_500;

/**
 * For each statistical bound: a false alarm needs a deviation of 4 standard errors, 1 in 16,000
 * runs if the stated error is right, which leaves room for it to be a sixth too small (3.4 sigma: 1
 * in 1,500).
 */
const SIGMAS = 4;

describe('the demo, scraped by a real Prometheus', () => {
  let demo: Running & { url: string };
  let prometheus: Prometheus;

  before(async () => {
    demo = await startDemo('--window', '0.5');
    prometheus = await startPrometheus(demo.url.replace('http://', ''));
    await eventually(`${ENOUGH_SAMPLES} samples`, async () => {
      const samples = await prometheus.scalar(
        'sum(rulescope_rule_cpu_samples_total{rulescope_rule_id=~"prime-sieve|merge-sort"})',
      );
      return samples >= ENOUGH_SAMPLES ? samples : undefined;
    });
  });

  after(async () => {
    await prometheus?.stop();
    await demo?.stop();
  });

  it('names the hottest rule', async () => {
    const top = await prometheus.query('topk(1, avg_over_time(rulescope_rule_cpu_usage[20s]))');
    assert.deepEqual(
      top.map(({ labels }) => labels['rulescope_rule_id']),
      ['prime-sieve'],
    );
  });

  it('has one series for each rule and no other series', async () => {
    const rules = await prometheus.query('rulescope_rule_cpu_time_total');
    assert.deepEqual(rules.map(({ labels }) => labels['rulescope_rule_id']).sort(), [
      'bursty',
      'merge-sort',
      'nearly-idle',
      'prime-sieve',
    ]);
  });

  it('has the 2:1 ratio of two rules within the standard error of their hits', async () => {
    const [sieve, sort] = await Promise.all(
      ['prime-sieve', 'merge-sort'].map(async (id) => ({
        seconds: await prometheus.scalar(
          `rulescope_rule_cpu_time_total{rulescope_rule_id="${id}"}`,
        ),
        hits: await prometheus.scalar(
          `rulescope_rule_cpu_samples_total{rulescope_rule_id="${id}"}`,
        ),
      })),
    );
    assert.ok(sieve !== undefined && sort !== undefined);
    const ratio = sieve.seconds / sort.seconds;
    const relativeError = Math.sqrt(1 / sieve.hits + 1 / sort.hits);
    assert.ok(
      Math.abs(ratio - 2) <= SIGMAS * 2 * relativeError,
      `ratio ${ratio.toFixed(3)}, standard error ${(2 * relativeError).toFixed(3)}`,
    );
  });

  it('has sources that sum to the CPU of the process within 3 % and a window', async () => {
    // The demo reads the process's clock when a window arrives, a turn of the event loop after the
    // ledger has it. A scrape in between is one window off: half a second of at most 0.6 cores.
    const ledger = 'sum(increase(rulescope_process_cpu_time_total[20s]))';
    const clock = 'sum(increase(process_cpu_time_total[20s]))';
    const over = (value: string): string => `quantile_over_time(0.5, (${value})[10s:1s])`;
    const difference = await prometheus.scalar(over(`${ledger} - ${clock}`));
    const used = await prometheus.scalar(over(clock));
    assert.ok(
      Math.abs(difference) <= 0.03 * used + 0.3,
      `the ledger is ${difference.toFixed(3)} s off, of ${used.toFixed(3)} s`,
    );
  });

  it('has rules that sum to the source `rule`, up to rounding', async () => {
    const ratio = await prometheus.scalar(
      'sum(rulescope_rule_cpu_time_total) / sum(rulescope_process_cpu_time_total{rulescope_cpu_source="rule"})',
    );
    assert.ok(Math.abs(ratio - 1) < 1e-9, String(ratio));
  });

  it('has a standard error of each rule over any time, close to that of its hits', async () => {
    for (const id of ['prime-sieve', 'merge-sort']) {
      const rule = `{rulescope_rule_id="${id}"}`;
      const error = await prometheus.scalar(
        `sqrt(increase(rulescope_rule_cpu_variance_total${rule}[20s]))` +
          ` / increase(rulescope_rule_cpu_time_total${rule}[20s])`,
      );
      const hits = await prometheus.scalar(
        `increase(rulescope_rule_cpu_samples_total${rule}[20s])`,
      );
      // Chance gives sqrt(1 - share of the rule), at least 0.6. Systematic errors add less than
      // 4, also on a machine so busy that the demo mostly waits.
      const ratio = error * Math.sqrt(hits);
      assert.ok(ratio > 0.4 && ratio < 5, `${id}: ${error}, ${hits} hits`);
    }
    const gauges = await prometheus.query('rulescope_rule_cpu_standard_error');
    assert.deepEqual(gauges.map(({ labels }) => labels['rulescope_rule_id']).sort(), [
      'bursty',
      'merge-sort',
      'nearly-idle',
      'prime-sieve',
    ]);
  });

  it('answers every PromQL expression of the README', async () => {
    const readme = await readFile(join(__dirname, '..', '..', '..', 'README.md'), 'utf8');
    const expressions = [...readme.matchAll(/```promql\n(.*?)```/gs)]
      .flatMap(([, block]) => block!.split('\n'))
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(expressions.length >= 6, `${expressions.length} expressions`);
    for (const expression of expressions) {
      await prometheus.query(expression);
      for (const [name] of expression.matchAll(/rulescope_\w+(?=[[{])/g)) {
        const series = await prometheus.query(name);
        assert.ok(series.length > 0, `${name} has no series`);
      }
    }
  });

  it('shows the state of the sampler and its quality', async () => {
    const [info, ...others] = await prometheus.query('rulescope_sampler_info');
    assert.deepEqual(others, []);
    assert.equal(info?.value, 1);
    assert.equal(info.labels['rulescope_sampler_fair'], 'true');
    assert.match(info.labels['rulescope_sampler_slice'] ?? '', /^(applied|ignored|refused)$/);
    assert.match(info.labels['rulescope_sampler_context'] ?? '', /^async_(context_frame|hooks)$/);
    // The quality is absent while the demo gets too little CPU to tell.
    const qualities = await prometheus.query('rulescope_sampler_quality');
    assert.ok(qualities.length <= 1 && qualities.every(({ value }) => value > 0.5));
  });

  it('counts windows by outcome and by whether they were contended', async () => {
    const kinds = await prometheus.query('rulescope_windows_total');
    assert.deepEqual(
      kinds
        .map(({ labels }) => [
          labels['rulescope_window_outcome'],
          labels['rulescope_window_contended'],
        ])
        .sort(),
      ['complete', 'failed', 'incomplete'].flatMap((outcome) => [
        [outcome, 'false'],
        [outcome, 'true'],
      ]),
    );
  });

  it('has no failed and no dropped windows', async () => {
    const count = (outcome: string): Promise<number> =>
      prometheus.scalar(`sum(rulescope_windows_total{rulescope_window_outcome="${outcome}"})`);
    assert.equal(await count('failed'), 0);
    // A busy machine may stall the thread long enough for an incomplete window.
    assert.ok((await count('complete')) + (await count('incomplete')) > 10);
    assert.ok((await count('complete')) > 0);
    assert.equal(await prometheus.scalar('sum(rulescope_consumer_dropped_windows_total)'), 0);
    assert.ok((await prometheus.scalar('rulescope_window_close_duration_count')) > 10);
  });
});
