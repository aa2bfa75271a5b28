import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/processes';

/** Folder in which `scripts/test.mjs` installs the profilers. The tests may run in a copy. */
const PEERS = ['../../..', '../../../../..']
  .map((up) => join(__dirname, up, 'benchmarks/peers/node_modules'))
  .find(existsSync)!;

const DD_TRACE = process.versions.node.startsWith('20.') ? 'dd-trace-5' : 'dd-trace-6';

/** Programs that start and end a profiler. `await started` tells whether it thinks that it runs. */
const PROFILERS: Record<string, string> = {
  '@pyroscope/nodejs': `
    const pyroscope = require(${JSON.stringify(join(PEERS, '@pyroscope/nodejs'))}).default;
    const start = () => {
      pyroscope.init({ appName: 'test', serverAddress: 'http://127.0.0.1:9', flushIntervalMs: 200 });
      pyroscope.start();
      pyroscope.wrapWithLabels({ key: 'value' }, () => burn(20));
      return true;
    };
    const end = () => pyroscope.stop();
  `,
  [DD_TRACE]: `
    const tracer = require(${JSON.stringify(join(PEERS, DD_TRACE))}).default;
    const start = () => {
      tracer.init({ profiling: true, plugins: false });
      tracer.profiling.setCustomLabelKeys(['key']);
      tracer.profiling.runWithLabels({ key: 'value' }, () => burn(20));
      return tracer.profilerStarted();
    };
    const end = () => undefined;
  `,
};

const PRELUDE = `
  const { sharedCollector } = require('@rulescope/profiler');
  const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
  const windows = [];
  let enough;
  const windowsClosed = new Promise((resolve) => (enough = resolve));
  const consume = () => sharedCollector({ windowMillis: 500 }).addConsumer('c', ({ error, samples, durationMillis }) => {
    // The last window ends with the consumer. It is too short for a sample.
    if (durationMillis < 100) return;
    windows.push(error?.name ?? (samples.taken > 0 ? 'sampled' : 'empty'));
    if (windows.length === 6) enough();
  });
  // Pyroscope exports to a port without a server.
  process.on('unhandledRejection', (error) => {
    if (!/fetch failed|ECONNREFUSED|bad port/.test(String(error))) throw error;
  });
`;

describe('another profiler in the process', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'rulescope-profilers-'))));
  after(() => rmSync(directory, { recursive: true }));

  async function linesOf(program: string): Promise<string[]> {
    const child = run(process.execPath, ['--eval', PRELUDE + program], {
      cwd: __dirname,
      env: {
        ...process.env,
        DD_PROFILING_ENABLED: 'true',
        DD_PROFILING_EXPORTERS: 'file',
        DD_PROFILING_PPROF_PREFIX: `${directory}/`,
        DD_PROFILING_PROFILERS: 'wall',
        DD_PROFILING_UPLOAD_PERIOD: '1',
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_REMOTE_CONFIGURATION_ENABLED: 'false',
        DD_TRACE_STARTUP_LOGS: 'false',
        DD_CRASHTRACKING_ENABLED: 'false',
      },
    });
    const { code, signal } = await child.ended;
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.output());
    return child.output().trim().split('\n');
  }

  /** Runs `start` and `end` around some windows, and checks what is printed. */
  async function check(start: string, windows: string, warning: RegExp): Promise<void> {
    const lines = await linesOf(`
      (async () => {
        ${start}
        const busy = setInterval(burn, 20, 10);
        await windowsClosed;
        clearInterval(busy);
        await end();
        await consumer.remove();
        console.log('windows', ...new Set(windows));
        process.exit();
      })();
    `);
    const printed = lines.join('\n');
    assert.match(printed, /^started true$/m);
    assert.ok(lines.includes(`windows ${windows}`), printed);
    assert.equal(printed.match(/RULESCOPE_OTHER_PROFILER/g)?.length, 1, printed);
    assert.match(printed, warning);
  }

  for (const [name, profiler] of Object.entries(PROFILERS)) {
    it(`${name} that starts second goes without and does not fail`, () =>
      check(
        `${profiler}
        const consumer = consume();
        burn(100);
        console.log('started', await start());`,
        'sampled',
        /another profiler was started with @datadog\/pprof/,
      ));

    it(`${name} that starts first keeps sampling, and rulescope goes without`, () =>
      check(
        `${profiler}
        console.log('started', await start());
        const consumer = consume();`,
        'SamplerUnavailableError',
        /rulescope does not sample this thread/,
      ));
  }
});
