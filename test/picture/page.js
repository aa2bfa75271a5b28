/* global uPlot */
'use strict';

const COLORS = ['#d1495b', '#2e86ab', '#f2a65a', '#5b8e7d', '#7d5ba6', '#8a8f98', '#3d5a80'];
const BAND = ['upper', 'lower'];
const CHART_HEIGHT = 150;

const formats = {
  percentunit: (value) => `${(value * 100).toPrecision(2)} %`,
  s: (value) =>
    value < 1 ? `${Number((value * 1000).toPrecision(2))} ms` : `${value.toFixed(1)} s`,
  none: (value) => String(Number(value.toPrecision(3))),
};

/** Draws all panels. A drawing of the type `row` is a heading. */
globalThis.drawPanels = (drawings) => {
  const main = document.querySelector('main');
  add(main, 'h1').textContent =
    'The data of each panel of the dashboard, drawn by npm run dashboards -- picture. ' +
    'This is not a screenshot of Grafana.';
  for (const drawing of drawings) {
    if (drawing.type === 'row') {
      add(main, 'h2').textContent = drawing.title;
      continue;
    }
    const panel = add(main, 'section');
    panel.style.gridColumn = `span ${drawing.width}`;
    add(panel, 'h3').textContent = drawing.title;
    if (drawing.series.length + drawing.cells.length === 0) {
      add(panel, 'div', 'empty').textContent = 'No data';
    } else if (drawing.type === 'table') drawTable(panel, drawing);
    else if (drawing.type === 'bargauge') drawBars(panel, drawing);
    else drawChart(panel, drawing);
  }
};

function drawChart(panel, { series, stacked, unit }) {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort();
  const format = formats[unit] ?? formats.none;
  const rows = series.map(({ points }) => {
    const values = new Map(points);
    return times.map((time) => values.get(time) ?? null);
  });
  if (stacked) {
    for (let i = 1; i < rows.length; i++) {
      rows[i] = rows[i].map((value, t) => (value ?? 0) + (rows[i - 1][t] ?? 0));
    }
  }
  const visible = series.filter(({ name }) => !BAND.includes(name));
  const color = (name) => COLORS[visible.findIndex((each) => each.name === name) % COLORS.length];
  const upper = series.findIndex(({ name }) => name === 'upper');
  const isBand = upper !== -1;
  const below = (i) => ({ series: [i + 1, i], fill: `${color(series[i].name)}66` });
  const legend = document.createElement('div');
  new uPlot(
    {
      width: panel.clientWidth - 16,
      height: CHART_HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_chart, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
      axes: [
        { size: 26, font: '10px DejaVu Sans' },
        { size: 58, font: '10px DejaVu Sans', values: (_chart, ticks) => ticks.map(format) },
      ],
      series: [
        {},
        ...series.map(({ name }) => ({
          stroke: BAND.includes(name) ? 'transparent' : color(name),
          width: 1.5,
          points: { show: false },
          ...(stacked && name === series[0].name && { fill: `${color(name)}66` }),
        })),
      ],
      bands: isBand
        ? [{ series: [upper + 1, upper + 2], fill: `${COLORS[0]}33` }]
        : stacked
          ? series.slice(1).map((_, i) => below(i + 1))
          : [],
    },
    [times, ...rows],
    panel,
  );
  legend.className = 'legend';
  for (const { name } of visible) {
    add(legend, 'i').style.background = color(name);
    legend.append(name);
  }
  panel.append(legend);
}

function drawTable(panel, { cells }) {
  const table = add(panel, 'table');
  cells.forEach((row, i) => {
    const line = add(table, 'tr');
    for (const cell of row) add(line, i === 0 ? 'th' : 'td').textContent = cell;
  });
}

function drawBars(panel, { series, unit }) {
  const largest = Math.max(...series.map(({ points }) => points[0][1]));
  for (const { name, points } of series) {
    const bar = add(panel, 'div', 'bar');
    add(bar, 'span').textContent = `${name}  ${(formats[unit] ?? formats.none)(points[0][1])}`;
    add(bar, 'div').style.width = `${(100 * points[0][1]) / largest}%`;
  }
}

function add(parent, tag, className = '') {
  const element = document.createElement(tag);
  element.className = className;
  return parent.appendChild(element);
}
