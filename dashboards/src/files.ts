import { stringify } from 'yaml';
import { type Alert, alertExpression, measurementAlerts, ruleAlerts } from './alerts';
import { classicDashboard } from './classicDashboard';
import { dashboardRows } from './dashboardRows';
import { STYLES, type Style, metricNames } from './naming';
import { recordingRules } from './recordingRules';
import { v2Dashboard } from './v2Dashboard';
import { dashboardVariables } from './variables';

const TITLES: Record<Style, string> = {
  prometheus: 'rulescope: CPU per rule',
  otlp: 'rulescope: CPU per rule (OTLP)',
};

const HEADER =
  '# Written by `npm run dashboards` from dashboards/src. Change the limits there, or in a copy.\n';

/** Returns all generated files: the path below `dashboards`, and the content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map(STYLES.flatMap(filesOf));
}

function filesOf(style: Style): [path: string, content: string][] {
  const metric = metricNames(style);
  const variables = dashboardVariables(metric);
  const uid = `rulescope-${style}`;
  const classic = classicDashboard(uid, TITLES[style], dashboardRows(metric), variables);
  return [
    [`provisioning/dashboards/rulescope/${style}.json`, json(classic)],
    [`${style}/dashboard.v2.json`, json(v2Dashboard(classic, variables))],
    [
      `${style}/rules.yml`,
      yaml({
        groups: [
          { name: 'rulescope-fleet', rules: recordingRules(metric) },
          { name: 'rulescope-rules', rules: ruleAlerts().map(alertingRule) },
          { name: 'rulescope-measurement', rules: measurementAlerts(metric).map(alertingRule) },
        ],
      }),
    ],
  ];
}

function alertingRule(alert: Alert): Record<string, unknown> {
  const { name, severity, summary, description } = alert;
  return {
    alert: name,
    expr: alertExpression(alert),
    for: alert.for,
    labels: { severity },
    annotations: { summary, description },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function yaml(value: unknown): string {
  return HEADER + stringify(value, { lineWidth: 0 });
}
