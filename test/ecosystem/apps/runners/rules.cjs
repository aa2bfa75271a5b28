const { appendFileSync } = require('node:fs');
const os = require('node:os');
const v8 = require('node:v8');
const vm = require('node:vm');
const { context, createContextKey } = require('@opentelemetry/api');
const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');
const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
const { measureRules } = require('./measure.cjs');

const KEY = createContextKey('marker');
/** Markers of all test files in this thread: test runners share the modules of Node.js. */
const markers = (os[Symbol.for('rulescope.test.markers')] ??= []);

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

/**
 * Measures the rules of one test file as an application would, and appends a line to the file
 * `RESULTS`: the figures, and how many earlier test files are still in memory. Leaves sampling on
 * unless `END` is `yes`.
 */
exports.measureFile = async (prefix) => {
  // A `WeakRef` keeps its target until the job has ended in which it was read.
  await new Promise(setImmediate);
  collectGarbage();
  const kept = markers.filter((marker) => marker.deref() !== undefined).length;
  const marker = {};
  // Jest keeps the globals of all files in memory, also without rulescope.
  if (process.env.JEST_WORKER_ID === undefined) globalThis.marker = marker;
  markers.push(new WeakRef(marker));

  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const provider = new MeterProvider({ readers: [reader] });
  const instrumentation = new RuleInstrumentation();
  const ruleMetrics = new RuleMetrics({ windowMillis: 250 });
  ruleMetrics.setMeterProvider(provider);
  // The marker lives as long as something holds the globals or a Context of this file.
  const inMarkedRule = (rule, fn) =>
    context.with(context.active().setValue(KEY, marker), () => withRule(rule, fn));
  const figures = await measureRules(inMarkedRule, () => reader.collect(), prefix);
  if (process.env.END === 'yes') {
    ruleMetrics.disable();
    instrumentation.disable();
    await provider.shutdown();
  }
  appendFileSync(process.env.RESULTS, `${JSON.stringify({ prefix, figures, kept })}\n`);
};
