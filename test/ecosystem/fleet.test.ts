import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppFigures } from '../support/backends/app';
import { type App, assertRight, becomesSame, startApp } from '../support/backends/startApp';
import { QUICKSTART } from '../support/demo';
import { codeBlocks } from '../support/guides';
import { eventually, freePort, run } from '../support/processes';
import { type Prometheus, startPrometheus } from '../support/prometheus';
import { byRuleOf } from '../support/promql';

const PROCESSES = 4;
/** Samples of each process. */
const ENOUGH_SAMPLES = 100;

describe('a fleet of four processes, scraped by one Prometheus', () => {
  let apps: App[];
  let prometheus: Prometheus;
  let figures: AppFigures[];

  before(async () => {
    const ports = await Promise.all(Array.from({ length: PROCESSES }, freePort));
    apps = await Promise.all(ports.map((prometheusPort) => startApp({ prometheusPort })));
    prometheus = await startPrometheus(...ports.map((port) => `127.0.0.1:${port}`));
    await eventually(`${ENOUGH_SAMPLES} samples of each process`, async () => {
      const least = 'min(sum by (instance) (rulescope_rule_cpu_samples_total))';
      const samples = await prometheus.scalar(least);
      return samples >= ENOUGH_SAMPLES ? true : undefined;
    });
    figures = await Promise.all(apps.map((app) => app.rest()));
  });
  after(async () => {
    await prometheus?.stop();
    await Promise.all((apps ?? []).map((app) => app.end()));
  });

  const sumOf = (name: 'used' | 'cpuTime' | 'variance' | 'samples'): Record<string, number> => {
    const sum: Record<string, number> = {};
    for (const each of figures) {
      for (const [rule, value] of Object.entries(each[name])) sum[rule] = (sum[rule] ?? 0) + value;
    }
    return sum;
  };
  const sumByRule = (metric: string): Promise<Record<string, number>> =>
    byRuleOf(prometheus, `sum by (rulescope_rule_id) (${metric})`);

  it('has the sum of the processes for each rule', async () => {
    await becomesSame(() => sumByRule('rulescope_rule_cpu_time_total'), sumOf('cpuTime'));
    await becomesSame(() => sumByRule('rulescope_rule_cpu_variance_total'), sumOf('variance'));
    await becomesSame(() => sumByRule('rulescope_rule_cpu_samples_total'), sumOf('samples'));
  });

  it('is right within the error that the variances of all processes give', () => {
    assertRight({ used: sumOf('used'), cpuTime: sumOf('cpuTime'), variance: sumOf('variance') });
  });

  it('has a smaller relative error than each process', async () => {
    const relativeError = (by: string): string =>
      `sqrt(sum by (${by}) (rulescope_rule_cpu_variance_total))` +
      ` / sum by (${by}) (rulescope_rule_cpu_time_total)`;
    const fleet = await byRuleOf(prometheus, relativeError('rulescope_rule_id'));
    for (const { labels, value } of await prometheus.query(
      relativeError('rulescope_rule_id, instance'),
    )) {
      assert.ok(fleet[labels['rulescope_rule_id']!]! < value, JSON.stringify(labels));
    }
  });
});

describe('the workers of node:cluster', () => {
  it('have metrics each at its port, also after one was killed', async () => {
    // Below this folder, the program finds the packages of this run.
    const directory = mkdtempSync(join(__dirname, 'cluster-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    for (const file of ['package.json', 'telemetry.js', 'app.js']) {
      cpSync(join(QUICKSTART, file), join(directory, file));
    }
    const program = codeBlocks('fleet.md', 'js').find((code) => code.startsWith('// cluster.js'));
    writeFileSync(join(directory, 'cluster.js'), program!);
    const ports = [await freePort(), await freePort()];
    const primary = run(process.execPath, ['cluster.js'], {
      cwd: directory,
      env: { ...process.env, METRICS_PORTS: ports.join() },
    });
    const prometheus = await startPrometheus(...ports.map((port) => `127.0.0.1:${port}`));
    /** Returns the process id behind each port, once all have rules. */
    const workers = (): Promise<Record<string, string>> =>
      eventually('the rules of all workers', async () => {
        const rules = await prometheus.query(
          'rulescope_rule_cpu_time_total * on (instance) group_left (process_pid) target_info',
        );
        const ids = rules.map(({ labels }) => [labels['instance']!, labels['process_pid']!]);
        return rules.length === 4 ? (Object.fromEntries(ids) as Record<string, string>) : undefined;
      });
    const before = await workers();
    const [first, second] = Object.keys(before).sort();
    assert.notEqual(before[first!], before[second!]);

    process.kill(Number(before[first!]), 'SIGKILL');
    const after = await eventually('another worker at the port', async () => {
      const now = await workers();
      return now[first!] === before[first!] ? undefined : now;
    });
    assert.equal(after[second!], before[second!]);

    assert.deepEqual(await primary.stop(), { code: 0, signal: null }, primary.output());
    await prometheus.stop();
  });
});
