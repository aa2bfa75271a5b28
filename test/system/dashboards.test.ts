import { strict as assert } from 'node:assert';
import { parse } from 'yaml';
import { BACKENDS, type Backends, JOB, startBackends } from '../support/dashboardBackends';
import { alertsOf, classicDashboard, interpolate, readDashboardFile } from '../support/dashboards';
import { eventually } from '../support/processes';
import type { PromqlServer } from '../support/promql';

/** Values of Grafana's variables. `instance` has its value for all. */
const VALUES = {
  job: JOB,
  instance: '.*',
  rule: 'prices',
  __rate_interval: '1m',
  __range: '5m',
};

interface RuleFile {
  groups: { rules: { record?: string; alert?: string; expr: string }[] }[];
}

describe('the dashboards and rules, with data of a fleet of two processes', () => {
  const started: { stop(): Promise<unknown> }[] = [];
  let backends: Backends;

  before(async () => {
    backends = await startBackends(started);
  });

  after(() => Promise.all(started.map((each) => each.stop())));

  for (const name of BACKENDS) {
    it(`answer every query of every panel in ${name}`, async () => {
      const { style, server } = backends[name];
      const expressions = classicDashboard(style).panels.flatMap((panel) => panel.expressions);
      const complete = expressions.map((expression) => interpolate(expression, VALUES));
      await answers(server, complete);
    });

    it(`have values for every variable in ${name}`, async () => {
      const { style, server } = backends[name];
      for (const { name: variable, selector, label } of classicDashboard(style).variables) {
        const values = await labelValues(server, label, interpolate(selector, VALUES));
        if (variable === 'rule') assert.deepEqual(values.sort(), ['orders', 'prices']);
        else if (variable === 'job') assert.deepEqual(values, [JOB]);
        else assert.equal(values.length, 2, `${variable}: ${values.join()}`);
      }
    });

    it(`answer every rule in ${name}`, async () => {
      const { style, server } = backends[name];
      const { groups } = parse(readDashboardFile(`${style}/rules.yml`)) as RuleFile;
      const rules = groups.flatMap((group) => group.rules);
      // The backend evaluates the recording rules.
      const recorded = rules.flatMap(({ record }) => (record === undefined ? [] : [record]));
      // An alert has no series while all is well, so each value is asked for without its limit. Last
      // week is a second ago here.
      const values = alertsOf(style).flatMap(({ conditions }) =>
        conditions.map(({ value }) => value.replaceAll('offset 1w', 'offset 1s')),
      );
      await answers(server, [...recorded, ...values]);
      for (const { alert, expr } of rules) if (alert !== undefined) await server.query(expr);
    });

    it(`show every metric of ${name}`, async () => {
      const { style, server } = backends[name];
      const names = await labelValues(server, '__name__', '{__name__=~"rulescope_.+"}');
      const { panels } = classicDashboard(style);
      const shown = panels.flatMap(({ expressions }) => expressions).join('\n');
      for (const metric of names) {
        const base = metric.replace(/_(bucket|sum|count)$/, '');
        assert.match(shown, new RegExp(`\\b${base}(_\\w+)?{`));
      }
    });
  }

  it('find the process whose samples are not fair', async () => {
    for (const name of BACKENDS) {
      const unfair = await eventually(`an alert in ${name}`, async () => {
        const query = 'ALERTS{alertname="RulescopeUnfairSampling"}';
        const alerts = await backends[name].server.query(query);
        return alerts.length > 0 ? alerts : undefined;
      });
      assert.equal(unfair.length, 1, JSON.stringify(unfair));
    }
  });
});

/** Waits until each expression has a series with a number. Rejects if one is not valid. */
async function answers(server: PromqlServer, expressions: readonly string[]): Promise<void> {
  let open = expressions;
  const probe = async (): Promise<boolean | undefined> => {
    const empty: string[] = [];
    for (const expression of open) {
      const samples = await server.query(expression);
      if (!samples.some(({ value }) => Number.isFinite(value))) empty.push(expression);
    }
    open = empty;
    return open.length === 0 ? true : undefined;
  };
  // `eventually` would go on after an error.
  const failed = (error: Error): Error => error;
  const outcome = await eventually('series', () => probe().catch(failed)).catch(failed);
  if (outcome instanceof Error) throw new Error(`${outcome.message}\n${open.join('\n')}`);
}

/** Returns the values of a label, like `label_values()` of Grafana. */
async function labelValues(
  { url }: PromqlServer,
  label: string,
  selector: string,
): Promise<string[]> {
  const match = encodeURIComponent(selector);
  const response = await fetch(`${url}/api/v1/label/${label}/values?match[]=${match}`);
  return ((await response.json()) as { data: string[] }).data;
}
