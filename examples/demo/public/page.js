/* global uPlot */
'use strict';

const COLOURS = [
  '#d1495b',
  '#2e86ab',
  '#f2a65a',
  '#5b8e7d',
  '#7d5ba6',
  '#8a8f98',
  '#3d5a80',
  '#b5838d',
];
const KEPT = 300;

/** Windows drawn, oldest first. */
let points = [];
/** Rule ids in the order of first appearance: each keeps its colour. */
const rules = [];
let chart;

const byId = (id) => document.getElementById(id);
const percent = (cores) => (cores * 100).toFixed(1);
const colourOf = (id) => COLOURS[rules.indexOf(id) % COLOURS.length];

function data() {
  const series = rules.map((id) => points.map((point) => (point.rules[id]?.cpu ?? 0) * 100));
  return [points.map((point) => point.time), ...series];
}

function buildChart() {
  chart?.destroy();
  const series = rules.map((id) => ({
    label: id,
    stroke: colourOf(id),
    width: 2,
    value: (_chart, value) => (value === null ? '' : `${value.toFixed(1)} %`),
  }));
  chart = new uPlot(
    {
      width: byId('chart').clientWidth - 24,
      height: 340,
      scales: { y: { range: (_chart, _min, max) => [0, Math.max(10, max * 1.1)] } },
      axes: [{}, { label: 'CPU, % of one core', size: 60 }],
      series: [{}, ...series],
    },
    data(),
    byId('chart'),
  );
}

function row(cells, colour) {
  const tr = document.createElement('tr');
  for (const text of cells) tr.insertCell().textContent = text;
  if (colour) {
    const swatch = document.createElement('span');
    swatch.className = 'swatch';
    swatch.style.background = colour;
    tr.cells[0].prepend(swatch);
  }
  return tr;
}

function drawTable(point) {
  let total = 0;
  const ruleRows = rules.map((id) => {
    const { cpu, error, hits } = point.rules[id] ?? { cpu: 0, error: 0, hits: 0 };
    total += cpu;
    return row([id, percent(cpu), percent(error), String(hits)], colourOf(id));
  });
  const sourceRows = Object.entries(point.sources).map(([name, cpu]) => {
    total += cpu;
    return row([name, percent(cpu), '', '']);
  });
  byId('rules').replaceChildren(...ruleRows);
  byId('sources').replaceChildren(...sourceRows);
  byId('total').textContent = percent(total);
}

function add(added) {
  points = [...points, ...added].slice(-KEPT);
  const before = rules.length;
  for (const point of added) {
    for (const id of Object.keys(point.rules)) if (!rules.includes(id)) rules.push(id);
  }
  if (chart === undefined || rules.length !== before) buildChart();
  else chart.setData(data());
  const last = points.at(-1);
  if (last !== undefined) drawTable(last);
  document.body.dataset.points = String(points.length);
}

const windows = new EventSource('/windows');
windows.onopen = () => (byId('state').textContent = 'live');
windows.onerror = () => (byId('state').textContent = 'disconnected, trying again');
windows.addEventListener('history', (event) => {
  points = [];
  add(JSON.parse(event.data));
});
windows.onmessage = (event) => add([JSON.parse(event.data)]);
addEventListener('resize', () =>
  chart?.setSize({ width: byId('chart').clientWidth - 24, height: 340 }),
);
