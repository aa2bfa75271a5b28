import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE, type Row } from './panel';
import type { Variable } from './variables';

/** Name of the variable that chooses the data source. */
const DATASOURCE_VARIABLE = 'datasource';

/** Returns a dashboard in the classic schema, which file provisioning and the import page take. */
export function classicDashboard(
  uid: string,
  title: string,
  rows: readonly Row[],
  variables: readonly Variable[],
): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description('CPU per rule of Node.js processes, measured by rulescope.')
    .tags(['rulescope'])
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .withVariable(
      new DatasourceVariableBuilder(DATASOURCE_VARIABLE).label('data source').type('prometheus'),
    );
  for (const { name, label, query, multi } of variables) {
    const variable = new QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(multi)
      .includeAll(multi);
    // Without `allValue` Grafana lists all values, and series without the label do not match.
    if (multi) variable.allValue('.*').current({ text: 'All', value: '$__all' });
    dashboard.withVariable(variable);
  }
  let id = 0;
  for (const { title, panels } of rows) {
    dashboard.withRow(new RowBuilder(title).id(++id));
    for (const panel of panels) {
      const built = { ...panel.build(), id: ++id };
      dashboard.withPanel({ build: () => built });
    }
  }
  return dashboard.build();
}
