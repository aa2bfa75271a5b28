import { readDashboardFile, interpolate } from '../support/dashboards';
import type { PromqlServer } from '../support/promql';

/** One panel with its data, as `page.js` draws it. */
export interface Drawing {
  readonly title: string;
  readonly type: string;
  readonly unit: string;
  /** Columns of 24. */
  readonly width: number;
  readonly stacked: boolean;
  readonly series: readonly Series[];
  /** Rows of a table; the first has the titles. */
  readonly cells: readonly (readonly string[])[];
}

interface Series {
  readonly name: string;
  /** [seconds since the epoch, value] */
  readonly points: readonly (readonly [number, number | null])[];
}

interface Span {
  readonly seconds: number;
  readonly step: number;
}

interface Panel {
  title: string;
  type: string;
  gridPos: { w: number };
  fieldConfig: {
    defaults: { unit: string; custom?: { stacking?: { mode: string } } };
    overrides: { properties: { id: string; value: string }[] }[];
  };
  targets: { expr: string; legendFormat: string; instant?: boolean }[];
  transformations?: { id: string; options: { renameByName?: Record<string, string> } }[];
}

type Labels = Readonly<Record<string, string>>;

/** Asks `server` for the data of every panel of the dashboard. Rows have a title only. */
export function readDrawings(server: PromqlServer, span: Span): Promise<Drawing[]> {
  const { panels } = JSON.parse(
    readDashboardFile('provisioning/dashboards/rulescope/prometheus.json'),
  ) as { panels: Panel[] };
  return Promise.all(panels.map((panel) => readDrawing(server, panel, span)));
}

async function readDrawing(server: PromqlServer, panel: Panel, span: Span): Promise<Drawing> {
  const values = {
    job: 'demo',
    instance: '.*',
    rule: 'prime-sieve',
    __rate_interval: '20s',
    __range: `${span.seconds}s`,
  };
  const { title, type, gridPos, targets = [] } = panel;
  const { unit, custom } = panel.fieldConfig?.defaults ?? { unit: 'none' };
  const answers = await Promise.all(
    targets.map(async ({ expr, legendFormat, instant }) => {
      const expression = interpolate(expr, values);
      const series = instant
        ? (await server.query(expression)).map(({ labels, value }) => ({
            labels,
            points: [[0, value]] as [number, number][],
          }))
        : await queryRange(server, expression, span);
      const name = (labels: Labels): string =>
        interpolate(legendFormat, values).replace(
          /{{(\w+)}}/g,
          (_, key: string) => labels[key] ?? '',
        );
      return series.map(({ labels, points }) => ({ labels, name: name(labels), points }));
    }),
  );
  return {
    title: interpolate(title, values),
    type,
    unit,
    width: gridPos.w,
    stacked: custom?.stacking?.mode === 'normal',
    series: type === 'table' ? [] : answers.flat(),
    cells: type === 'table' ? cellsOf(panel, answers) : [],
  };
}

async function queryRange(
  server: PromqlServer,
  query: string,
  { seconds, step }: Span,
): Promise<{ labels: Labels; points: [number, number | null][] }[]> {
  const end = Math.floor(Date.now() / 1000);
  const parameters = new URLSearchParams({
    query,
    start: String(end - seconds),
    end: String(end),
    step: String(step),
  });
  const response = await fetch(`${server.url}/api/v1/query_range?${parameters}`);
  const { data } = (await response.json()) as {
    data: { result: { metric: Labels; values: [number, string][] }[] };
  };
  return data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([time, value]) => [time, Number.isFinite(+value) ? +value : null]),
  }));
}

/** Returns a table: the labels of each series, and the value of each query. */
function cellsOf(
  { fieldConfig, transformations = [] }: Panel,
  answers: readonly (readonly {
    labels: Labels;
    points: readonly (readonly [number, number | null])[];
  }[])[],
): string[][] {
  const names = transformations.find(({ id }) => id === 'organize')?.options.renameByName ?? {};
  const property = (i: number, id: string): string | undefined =>
    fieldConfig.overrides[i]?.properties.find((each) => each.id === id)?.value;
  const rows = (answers[0] ?? []).map(({ labels }) => [
    ...Object.keys(names).map((label) => labels[label] ?? ''),
    ...answers.map((samples) => {
      const same = samples.find((each) => JSON.stringify(each.labels) === JSON.stringify(labels));
      const value = same?.points[0]?.[1];
      return typeof value === 'number' ? String(Number(value.toPrecision(3))) : '';
    }),
  ]);
  const titles = answers.map((_, i) => {
    const unit = property(i, 'unit') === 's' ? ', s' : '';
    return `${property(i, 'displayName')}${unit}`;
  });
  const first = Object.keys(names).length;
  rows.sort((a, b) => Number(b[first]) - Number(a[first]));
  return [[...Object.values(names), ...titles], ...rows];
}
