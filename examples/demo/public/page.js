/* global uPlot */
'use strict';

const COLORS = [
  '#d1495b',
  '#2e86ab',
  '#f2a65a',
  '#5b8e7d',
  '#7d5ba6',
  '#8a8f98',
  '#3d5a80',
  '#b5838d',
];
const CONTENDED_COLOR = '#e6eaf0';
const KEPT = 300;

/** The windows on the page, oldest first. */
let points = [];
/** Rule ids in the order of first appearance, so that each keeps its color. */
const rules = [];
let chart;

const byId = (id) => document.getElementById(id);
const percent = (cores) => (cores * 100).toFixed(1);
const colorOf = (id) => COLORS[rules.indexOf(id) % COLORS.length];

function data() {
  const series = rules.map((id) => points.map((point) => (point.rules[id]?.cpu ?? 0) * 100));
  return [points.map((point) => point.time), ...series];
}

function buildChart() {
  chart?.destroy();
  const series = rules.map((id) => ({
    label: id,
    stroke: colorOf(id),
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
      hooks: { drawClear: [shadeContended] },
    },
    data(),
    byId('chart'),
  );
}

/** Shades the time of each contended window. */
function shadeContended({ ctx, bbox, valToPos }) {
  ctx.save();
  ctx.fillStyle = CONTENDED_COLOR;
  points.forEach(({ time, sampling }, i) => {
    if (!sampling.contended || i === 0) return;
    const left = valToPos(points[i - 1].time, 'x', true);
    ctx.fillRect(left, bbox.top, valToPos(time, 'x', true) - left, bbox.height);
  });
  ctx.restore();
}

function drawSampling({ sampling }) {
  const { fair, trouble, quality, waiting } = sampling;
  byId('fairness').hidden = false;
  byId('fairness').className = `pill ${fair ? 'fair' : 'unfair'}`;
  byId('fairness').textContent = fair ? 'samples are fair' : 'samples are not fair';
  byId('trouble').hidden = trouble === undefined;
  byId('trouble').textContent = trouble ?? '';

  const contended = points.filter((point) => point.sampling.contended).length;
  byId('contention').hidden = contended === 0;
  byId('contention').textContent =
    `${contended} of ${points.length} windows are contended (shaded): the thread waited for a ` +
    'processor for more than a tenth of its CPU time. Waiting is sampled like CPU, so these ' +
    'windows are less exact.';

  const parts = [];
  if (quality !== undefined) {
    parts.push(`sampler quality ${quality.toFixed(2)} (samples / expected samples)`);
  }
  if (waiting !== undefined) {
    parts.push(`waiting for a processor took ${percent(waiting)} % of the CPU time`);
  }
  byId('quality').textContent = parts.length > 0 ? `Last window: ${parts.join('; ')}.` : '';
}

function row(cells, color) {
  const tr = document.createElement('tr');
  for (const text of cells) tr.insertCell().textContent = text;
  if (color) {
    const swatch = document.createElement('span');
    swatch.className = 'swatch';
    swatch.style.background = color;
    tr.cells[0].prepend(swatch);
  }
  return tr;
}

function drawTable(point) {
  let total = 0;
  const ruleRows = rules.map((id) => {
    const { cpu, error, hits } = point.rules[id] ?? { cpu: 0, error: 0, hits: 0 };
    total += cpu;
    return row([id, percent(cpu), percent(error), String(hits)], colorOf(id));
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
  if (last !== undefined) {
    drawTable(last);
    drawSampling(last);
  }
  document.body.dataset.points = String(points.length);
}

const windows = new EventSource('/windows');
windows.onopen = () => (byId('state').textContent = 'live');
windows.onerror = () => (byId('state').textContent = 'disconnected, retrying');
windows.addEventListener('history', (event) => {
  points = [];
  add(JSON.parse(event.data));
});
windows.onmessage = (event) => add([JSON.parse(event.data)]);
addEventListener('resize', () =>
  chart?.setSize({ width: byId('chart').clientWidth - 24, height: 340 }),
);
