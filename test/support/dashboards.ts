import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Alert,
  type Style,
  measurementAlerts,
  metricNames,
  ruleAlerts,
} from '@rulescope/dashboards';

/** The folder `dashboards`. */
export const DASHBOARDS = dirname(require.resolve('@rulescope/dashboards/package.json'));

/** The queries of one panel. */
interface PanelQueries {
  readonly title: string;
  readonly type: string;
  readonly expressions: readonly string[];
}

/** A variable whose values are those of a label. */
interface LabelVariable {
  readonly name: string;
  readonly selector: string;
  readonly label: string;
}

/** Reads a generated file of `dashboards`. */
export function readDashboardFile(path: string): string {
  return readFileSync(join(DASHBOARDS, path), 'utf8');
}

/** Returns the path of the recording and alerting rules. */
export function rulesFile(style: Style): string {
  return join(DASHBOARDS, style, 'rules.yml');
}

/** Returns all alerts. */
export function alertsOf(style: Style): readonly Alert[] {
  return [...ruleAlerts(), ...measurementAlerts(metricNames(style))];
}

/** Returns the panels and variables of the dashboard in the classic schema. */
export function classicDashboard(style: Style): {
  panels: PanelQueries[];
  variables: LabelVariable[];
} {
  const { panels, templating } = JSON.parse(
    readDashboardFile(`provisioning/dashboards/rulescope/${style}.json`),
  ) as {
    panels: { title: string; type: string; targets?: { expr: string }[] }[];
    templating: { list: { type: string; name: string; query: string }[] };
  };
  return {
    panels: panels
      .filter(({ type }) => type !== 'row')
      .map(({ title, type, targets = [] }) => ({
        title,
        type,
        expressions: targets.map(({ expr }) => expr),
      })),
    variables: templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => labelVariable(name, query)),
  };
}

/** Returns the panels and variables of the dashboard in the v2 schema. */
export function v2Dashboard(style: Style): ReturnType<typeof classicDashboard> {
  const { spec } = JSON.parse(readDashboardFile(`${style}/dashboard.v2.json`)) as {
    spec: {
      elements: Record<
        string,
        {
          spec: {
            title: string;
            vizConfig: { group: string };
            data: { spec: { queries: { spec: { query: { spec: { expr: string } } } }[] } };
          };
        }
      >;
      variables: { kind: string; spec: { name: string; query: { spec: { query: string } } } }[];
    };
  };
  return {
    panels: Object.values(spec.elements).map(({ spec: panel }) => ({
      title: panel.title,
      type: panel.vizConfig.group,
      expressions: panel.data.spec.queries.map((query) => query.spec.query.spec.expr),
    })),
    variables: spec.variables
      .filter(({ kind }) => kind === 'QueryVariable')
      .map(({ spec: { name, query } }) => labelVariable(name, query.spec.query)),
  };
}

/** Replaces the variables of Grafana in `expression`. */
export function interpolate(expression: string, values: Readonly<Record<string, string>>): string {
  return expression.replace(/\$(\w+)/g, (variable, name: string) => values[name] ?? variable);
}

function labelVariable(name: string, query: string): LabelVariable {
  const match = /^label_values\((.+), (\w+)\)$/.exec(query);
  if (match === null) throw new Error(`unknown query of the variable ${name}: ${query}`);
  return { name, selector: match[1]!, label: match[2]! };
}
