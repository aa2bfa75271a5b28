import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that the variable of the dashboard chooses. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Columns of the grid of a dashboard. */
const GRID_WIDTH = 24;
const HEIGHT = 9;

/** A titled group of panels. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** What all panels need. */
interface About {
  readonly title: string;
  readonly description: string;
  /** A unit of Grafana: `none` is a plain number, `s` seconds, `percentunit` a share of 1. */
  readonly unit: string;
  /** Columns. Default: half of the grid. */
  readonly span?: number;
}

/** Returns a query over time. Each series is called as `legend` says. */
export function query(expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).legendFormat(legend).range();
}

/** Returns a query of one moment, the end of the time range. */
export function instantQuery(expression: string, legend = ''): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).legendFormat(legend).instant();
}

/** Returns a chart of lines over time. */
export function lines(about: About, ...queries: DataqueryBuilder[]): TimeSeries {
  return describe(new TimeSeries(), about, queries)
    .min(0)
    .lineWidth(2)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
}

/** Returns a chart of areas that sum to a whole. */
export function areas(about: About, ...queries: DataqueryBuilder[]): TimeSeries {
  return lines(about, ...queries)
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

/**
 * Returns a chart of one value with its interval of 95 % confidence as a band.
 *
 * @param error One standard error of `value`.
 * @param half Half of the width of the interval, in standard errors.
 */
export function band(about: About, value: string, error: string, half: number): TimeSeries {
  const edge = (name: string): [string, { id: string; value: unknown }[]] => [
    name,
    [
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
      ...(name === 'upper'
        ? [
            { id: 'custom.fillBelowTo', value: 'lower' },
            { id: 'custom.fillOpacity', value: 25 },
          ]
        : []),
    ],
  ];
  return lines(
    about,
    query(value, '$rule'),
    query(`${value} + ${half} * ${error}`, 'upper'),
    query(`clamp_min(${value} - ${half} * ${error}, 0)`, 'lower'),
  )
    .overrideByName(...edge('upper'))
    .overrideByName(...edge('lower'));
}

/** Returns horizontal bars, one for each series of instant queries. */
export function bars(about: About, ...queries: DataqueryBuilder[]): BarGauge {
  return describe(new BarGauge(), about, queries)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}

/**
 * Returns a table with a row for each set of labels, sorted by the first value.
 *
 * @param names Titles of the columns, by label.
 * @param columns Title, unit and expression of each column of values.
 */
export function table(
  about: Omit<About, 'unit'>,
  names: Readonly<Record<string, string>>,
  columns: readonly (readonly [title: string, unit: string, expression: string])[],
): Table {
  const queries = columns.map(([, , expression]) =>
    instantQuery(expression).format(PromQueryFormat.Table),
  );
  const panel = describe(new Table(), { ...about, unit: 'none' }, queries)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true }, renameByName: names },
    });
  panel.sortBy([{ build: () => ({ displayName: columns[0]![0], desc: true }) }]);
  columns.forEach(([title, unit], i) => {
    // A single query leaves the name of its value as it is.
    const name = columns.length === 1 ? 'Value' : `Value #${refId(i)}`;
    panel.overrideByName(name, [
      { id: 'displayName', value: title },
      { id: 'unit', value: unit },
    ]);
  });
  return panel;
}

function describe<Kind extends TimeSeries | BarGauge | Table>(
  panel: Kind,
  { title, description, unit, span }: About,
  queries: readonly DataqueryBuilder[],
): Kind {
  panel
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .span(span ?? GRID_WIDTH / 2)
    .height(HEIGHT)
    .targets(queries.map((each, i) => each.refId(refId(i)).datasource(DATASOURCE)));
  return panel;
}

function refId(index: number): string {
  return 'ABCDEF'.charAt(index);
}
