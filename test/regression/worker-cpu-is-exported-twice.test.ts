import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Printed, runProgram } from '../support/program';

/** Sets up metrics in each thread that loads it, or in workers only. */
const TELEMETRY = `
  const { isMainThread } = require('node:worker_threads');
  const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
  const { RuleInstrumentation, RuleMetrics } = require('rulescope');
  class Reader extends MetricReader {
    async onShutdown() {}
    async onForceFlush() {}
  }
  globalThis.provider = new MeterProvider({ readers: [new Reader()] });
  new RuleInstrumentation();
  if (!isMainThread || process.env.IN === 'each thread') new RuleMetrics().setMeterProvider(provider);
`;

/** Loads the metrics into each thread of a program, as `--import` does. */
async function runWithWorker(metricsIn: 'each thread' | 'workers'): Promise<Printed> {
  const directory = mkdtempSync(join(__dirname, 'telemetry-'));
  try {
    const file = join(directory, 'telemetry.js');
    writeFileSync(file, TELEMETRY);
    const program = `
      new Worker('provider.shutdown()', { eval: true }).once('exit', () => provider.shutdown());`;
    return await runProgram(program, ['--require', file], { IN: metricsIn });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('RuleMetrics in a worker', () => {
  it('gives one warning if the main thread has one too', async () => {
    const { codes, warnings, output } = await runWithWorker('each thread');
    assert.deepEqual(codes, ['RULESCOPE_WORKER_METRICS'], output);
    assert.match(warnings[0]!, /Create RuleMetrics in the main thread only/);
  });

  it('gives no warning if the main thread has none', async () => {
    const { codes, output } = await runWithWorker('workers');
    assert.deepEqual(codes, [], output);
  });
});
