import { strict as assert } from 'node:assert';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STYLES, type Style, generatedFiles, metricNames } from '@rulescope/dashboards';
import { parse } from 'yaml';
import {
  DASHBOARDS,
  alertsOf,
  classicDashboard,
  interpolate,
  readDashboardFile,
  rulesFile,
  v2Dashboard,
} from '../support/dashboards';
import { run } from '../support/processes';

describe('the files in `dashboards`', () => {
  it('are those that `npm run dashboards` writes', () => {
    for (const [path, content] of generatedFiles()) {
      assert.equal(readDashboardFile(path), content, `${path} is old; run npm run dashboards`);
    }
  });

  it('have the same panels, queries and variables in both schemas', () => {
    for (const style of STYLES) {
      const classic = classicDashboard(style);
      assert.ok(classic.panels.length >= 15);
      assert.deepEqual(v2Dashboard(style), classic);
    }
  });

  it('provision a data source and one dashboard for each naming style', async () => {
    const provisioning = join(DASHBOARDS, 'provisioning');
    const { providers } = parse(readDashboardFile('provisioning/dashboards/rulescope.yml')) as {
      providers: { type: string; options: { path: string } }[];
    };
    const [provider] = providers;
    assert.equal(provider?.type, 'file');
    const folder = interpolate(provider.options.path, { GF_PATHS_PROVISIONING: provisioning });
    assert.deepEqual((await readdir(folder)).sort(), STYLES.map((style) => `${style}.json`).sort());
    const { datasources } = parse(readDashboardFile('provisioning/datasources/rulescope.yml')) as {
      datasources: { type: string }[];
    };
    assert.deepEqual(
      datasources.map(({ type }) => type),
      ['prometheus'],
    );
  });

  for (const style of STYLES) {
    it(`have rules that promtool accepts, with names of ${style}`, async () => {
      const checked = run('promtool', ['check', 'rules', rulesFile(style)]);
      assert.deepEqual(await checked.ended, { code: 0, signal: null }, checked.output());
    });

    it(`have rules that pass their unit tests, with names of ${style}`, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'rulescope-rules-'));
      try {
        const file = join(directory, 'rules.test.yml');
        await writeFile(file, unitTests(style));
        const tested = run('promtool', ['test', 'rules', file]);
        assert.deepEqual(await tested.ended, { code: 0, signal: null }, tested.output());
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  }

  it('have a firing case of each alert in the unit tests', () => {
    const { tests } = parse(readDashboardFile('rules.test.yml')) as {
      tests: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const fired = tests
      .flatMap(({ alert_rule_test: alerts = [] }) => alerts)
      .filter(({ exp_alerts }) => exp_alerts.length > 0)
      .map(({ alertname }) => alertname);
    const names = alertsOf('otlp').map(({ name }) => name);
    assert.deepEqual([...new Set(fired)].sort(), names.sort());
  });
});

/** Returns the unit tests of the rules, with the names of a style. */
function unitTests(style: Style): string {
  const to = metricNames(style);
  const names = Object.entries(metricNames('prometheus')) as [keyof typeof to, string][];
  return names.reduce(
    (text, [key, name]) => text.replaceAll(`${name}{`, `${to[key]}{`),
    readDashboardFile('rules.test.yml').replace('prometheus/rules.yml', rulesFile(style)),
  );
}
