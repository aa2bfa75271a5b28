const { setImmediate: nextTurn } = require('node:timers/promises');

/** Samples of each rule that are enough to compare rules of which one has three times the CPU. */
const ENOUGH = 25;
const LIMIT_MILLIS = 60_000;

/**
 * Runs the rules `hot` and `cold`, until the metrics have both or sampling has failed. Returns their
 * figures: `cold` works a third as long as `hot`.
 *
 * @param collect Collects the metrics: `collect` of a metric reader.
 * @param prefix Starts the names of both rules.
 */
exports.measureRules = async (withRule, collect, prefix = '') => {
  const start = performance.now();
  for (;;) {
    await Promise.all([
      withRule(`${prefix}hot`, () => work(12)),
      withRule(`${prefix}cold`, () => work(4)),
    ]);
    const figures = summarize(await collect());
    const samples = figures.samples[`${prefix}cold`] ?? 0;
    const late = performance.now() - start > LIMIT_MILLIS;
    if (samples >= ENOUGH || figures.failedWindows > 0 || late) return figures;
  }
};

async function work(millis) {
  await nextTurn();
  const end = performance.now() + millis;
  let hash = 0;
  while (performance.now() < end) for (let i = 0; i < 1_000; i++) hash = (hash * 31 + i) | 0;
  await nextTurn();
  return hash;
}

function summarize({ resourceMetrics }) {
  const figures = { seconds: {}, samples: {}, failedWindows: 0, fair: undefined };
  for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(
    ({ metrics }) => metrics,
  )) {
    for (const { attributes, value } of dataPoints) {
      const rule = attributes['rulescope.rule.id'];
      if (descriptor.name === 'rulescope.rule.cpu.time') figures.seconds[rule] = value;
      if (descriptor.name === 'rulescope.rule.cpu.samples') figures.samples[rule] = value;
      if (descriptor.name === 'rulescope.windows') {
        if (attributes['rulescope.window.outcome'] === 'failed') figures.failedWindows += value;
      }
      if (descriptor.name === 'rulescope.sampler.info' && value === 1) {
        figures.fair = attributes['rulescope.sampler.fair'];
      }
    }
  }
  return figures;
}
