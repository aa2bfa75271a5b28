import type { MetricNames } from './naming';

const PROCESSES = 'job=~"$job", instance=~"$instance"';

/** Selects the chosen processes. */
export const ALL = `{${PROCESSES}}`;
/** Selects the chosen rule in the chosen processes. */
export const ONE_RULE = `{${PROCESSES}, rulescope_rule_id="$rule"}`;
/** Range of a rate. Grafana chooses it by the scrape interval and the width of the panel. */
export const RATE = '$__rate_interval';
/** The time range of the dashboard. */
export const RANGE = '$__range';

/** A variable of the dashboard whose values come from a query. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly query: string;
  /** Whether it can have several values. It then starts with all of them. */
  readonly multi: boolean;
}

/** Returns the variables of the dashboard, each of which depends on those before it. */
export function dashboardVariables({ processTime, ruleTime }: MetricNames): readonly Variable[] {
  return [
    { name: 'job', label: 'service', query: `label_values(${processTime}, job)`, multi: true },
    {
      name: 'instance',
      label: 'process',
      query: `label_values(${processTime}{job=~"$job"}, instance)`,
      multi: true,
    },
    {
      name: 'rule',
      label: 'rule',
      query: `label_values(${ruleTime}${ALL}, rulescope_rule_id)`,
      multi: false,
    },
  ];
}
