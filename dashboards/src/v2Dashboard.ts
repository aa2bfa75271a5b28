import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as v2 from '@grafana/grafana-foundation-sdk/dashboardv2';
import { type Dataquery, QueryV2Builder } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Manifest } from '@grafana/grafana-foundation-sdk/resource';
import { DATASOURCE } from './panel';
import type { Variable } from './variables';

/** Returns a dashboard in the v2 schema, with the panels of `classic`. */
export function v2Dashboard(classic: Dashboard, variables: readonly Variable[]): Manifest {
  const { uid, title, description, tags, time, refresh, panels } = classic;
  const dashboard = new v2.DashboardBuilder(title!)
    .description(description!)
    .tags(tags!)
    .cursorSync(v2.DashboardCursorSync.Crosshair)
    .timeSettings(new v2.TimeSettingsBuilder().from(time!.from).to(time!.to).autoRefresh(refresh!))
    .variable(
      new v2.DatasourceVariableBuilder('datasource').label('data source').pluginId(DATASOURCE.type),
    );
  for (const each of variables) dashboard.variable(queryVariable(each));

  const rows: { row: RowPanel; items: Panel[] }[] = [];
  for (const panel of panels!) {
    if (panel.type === 'row') rows.push({ row: panel as RowPanel, items: [] });
    else rows.at(-1)!.items.push(panel);
  }
  const layout = v2.rows();
  for (const { row, items } of rows) {
    const top = row.gridPos!.y + row.gridPos!.h;
    const grid = v2.grid();
    for (const panel of items) {
      const name = `panel-${panel.id}`;
      const { x, y, w, h } = panel.gridPos!;
      dashboard.element(name, v2Panel(panel));
      grid.item(
        v2
          .gridItem(name)
          .x(x)
          .y(y - top)
          .width(w)
          .height(h),
      );
    }
    layout.row(v2.row(row.title!).layout(grid));
  }
  return v2.manifest(uid!, dashboard.layout(layout)).build();
}

function v2Panel(panel: Panel): v2.PanelBuilder {
  const data = new v2.QueryGroupBuilder();
  for (const target of panel.targets as Dataquery[]) {
    data.target(new v2.TargetBuilder().refId(target.refId!).query(v2Query(target)));
  }
  for (const { id, options } of panel.transformations ?? []) {
    const spec = { options: options as unknown };
    data.transformation({ build: () => ({ kind: 'Transformation', group: id, spec }) });
  }
  // The types of the two schemas differ in enumerations that no panel uses.
  const { options, fieldConfig } = panel as { options?: unknown; fieldConfig?: unknown };
  const spec = { options, fieldConfig } as v2.VizConfigSpec;
  return new v2.PanelBuilder()
    .id(panel.id!)
    .title(panel.title!)
    .description(panel.description!)
    .data(data)
    .visualization({ build: () => ({ kind: 'VizConfig', group: panel.type, version: '', spec }) });
}

function v2Query({ expr, legendFormat, instant, range, format }: Dataquery): QueryV2Builder {
  const query = new QueryV2Builder()
    .datasource({ name: DATASOURCE.uid })
    .expr(expr)
    .legendFormat(legendFormat!)
    .instant(instant ?? false)
    .range(range ?? false);
  return format === undefined ? query : query.format(format);
}

function queryVariable({ name, label, query, multi }: Variable): v2.QueryVariableBuilder {
  const { uid, type } = DATASOURCE;
  const variable = new v2.QueryVariableBuilder(name)
    .label(label)
    .query({
      build: () => ({
        kind: 'DataQuery',
        group: type,
        version: 'v0',
        datasource: { name: uid },
        spec: { query, refId: 'StandardVariableQuery' },
      }),
    })
    .definition(query)
    .refresh(v2.VariableRefresh.OnTimeRangeChanged)
    .sort(v2.VariableSort.AlphabeticalAsc)
    .multi(multi)
    .includeAll(multi);
  return multi ? variable.allValue('.*').current({ text: 'All', value: '$__all' }) : variable;
}
