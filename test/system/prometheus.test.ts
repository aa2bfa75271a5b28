import { strict as assert } from 'node:assert';
import { startDemo } from '../support/demo';
import { type Running, eventually } from '../support/processes';
import { type Prometheus, startPrometheus } from '../support/prometheus';

/** Samples of the two big rules that the statistics below need. At 99 per second and 0.54 cores: about half a minute. */
const ENOUGH_SAMPLES = 1_500;

/**
 * For each statistical bound: a false alarm needs a deviation of 4 standard errors, 1 in 16,000 runs if the stated error
 * is right, which leaves room for it to be a sixth too small (3.4 sigma: 1 in 1,500).
 */
const SIGMAS = 4;

describe('the demo, scraped by a real Prometheus', () => {
  let demo: Running & { url: string };
  let prometheus: Prometheus;

  before(async () => {
    demo = await startDemo('--window', '1');
    prometheus = await startPrometheus(demo.url.replace('http://', ''));
    await eventually(`${ENOUGH_SAMPLES} samples`, async () => {
      const samples = await prometheus.scalar(
        'sum(rule_cpu_samples_total{rule_id=~"prime-sieve|merge-sort"})',
      );
      return samples >= ENOUGH_SAMPLES ? samples : undefined;
    });
  });

  after(async () => {
    await prometheus?.stop();
    await demo?.stop();
  });

  it('names the rule that was built to be the hottest', async () => {
    const top = await prometheus.query('topk(1, avg_over_time(rule_cpu_utilization[20s]))');
    assert.deepEqual(
      top.map(({ labels }) => labels['rule_id']),
      ['prime-sieve'],
    );
  });

  it('has a series for each rule, and none else', async () => {
    const rules = await prometheus.query('rule_cpu_time_total');
    assert.deepEqual(rules.map(({ labels }) => labels['rule_id']).sort(), [
      'bursty',
      'merge-sort',
      'nearly-idle',
      'prime-sieve',
    ]);
  });

  it('gives the ratio of two rules built 2:1 within the error that the hits state', async () => {
    const [sieve, sort] = await Promise.all(
      ['prime-sieve', 'merge-sort'].map(async (id) => ({
        seconds: await prometheus.scalar(`rule_cpu_time_total{rule_id="${id}"}`),
        hits: await prometheus.scalar(`rule_cpu_samples_total{rule_id="${id}"}`),
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

  it('has a ledger that sums to the CPU of the process within 3 %', async () => {
    // The demo reads the process's clock at each window's end, so both series move at the same instants.
    const ratio = await prometheus.scalar(
      'sum(increase(rulescope_cpu_time_total[20s])) / sum(increase(process_cpu_time_total[20s]))',
    );
    assert.ok(Math.abs(ratio - 1) <= 0.03, `ledger / process = ${ratio.toFixed(4)}`);
  });

  it('has the rules in the ledger, to the last digit but one', async () => {
    const ratio = await prometheus.scalar(
      'sum(rule_cpu_time_total) / sum(rulescope_cpu_time_total{rulescope_cpu_source="rule"})',
    );
    assert.ok(Math.abs(ratio - 1) < 1e-9, String(ratio));
  });

  it('closes every window complete and drops none', async () => {
    assert.equal(
      await prometheus.scalar('sum(rulescope_windows_total{rulescope_window_outcome!="complete"})'),
      0,
    );
    assert.ok((await prometheus.scalar('sum(rulescope_windows_total)')) > 10);
    assert.equal(await prometheus.scalar('sum(rulescope_consumer_dropped_total)'), 0);
    assert.ok((await prometheus.scalar('rulescope_pause_count')) > 10);
  });
});
