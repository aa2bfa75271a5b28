import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort } from '../support/processes';
import { ROOT } from '../support/repository';
import { ES_RULES, programFolder, rulesAt, runNode, servedBy } from '../support/zeroCode';

const TOOLS = join(ROOT, 'test/ecosystem/tools/package.json');
const PEERS = join(ROOT, 'benchmarks/peers/node_modules');
const resolve = createRequire(TOOLS).resolve;

const IS_NODE_20 = process.versions.node.startsWith('20.');
const DD_TRACE = join(PEERS, IS_NODE_20 ? 'dd-trace-5' : 'dd-trace-6');

const OURS = ['--import', 'rulescope/register'];
/** What else is loaded before the application. All of these keep to the machine. */
const AUTO = ['--require', resolve('@opentelemetry/auto-instrumentations-node/register')];
const OTHERS: Record<string, readonly string[]> = {
  'dd-trace by --import': ['--import', join(DD_TRACE, 'initialize.mjs')],
  'dd-trace by --require': ['--require', join(DD_TRACE, 'init.js')],
  Sentry: ['--import', './sentry.mjs'],
};
const QUIET = {
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
  DD_CRASHTRACKING_ENABLED: 'false',
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

describe('rulescope/register beside other preloaded code', () => {
  let directory: string;
  before(() => {
    directory = programFolder({
      'app.mjs': `${ES_RULES} startRules(['heavy', 15], ['light', 5]);`,
      'sentry.mjs': `
        import Sentry from ${JSON.stringify(resolve('@sentry/node'))};
        Sentry.init({ dsn: 'http://key@127.0.0.1:9/1', tracesSampleRate: 1 });`,
    });
  });

  /** Runs the application and checks its rules. `url`: where they are, if not at our own server. */
  async function check(options: readonly string[], more = {}, url?: string): Promise<void> {
    const program = runNode(directory, [...options, 'app.mjs'], { ...QUIET, ...more });
    const { heavy, light } = await rulesAt(url ?? (await servedBy(program)));
    // Auto-instrumentations listen to SIGTERM, and the process goes on.
    await program.stop('SIGKILL');
    // 15 ms and 5 ms: of 60 samples, at most half are of the heavy rule in 1 of 10^5 runs.
    assert.ok(heavy! > light!, `${heavy} and ${light}`);
    assert.doesNotMatch(program.output(), /RULESCOPE_/);
    if (url !== undefined) assert.doesNotMatch(program.output(), /rulescope: metrics at/);
  }

  for (const [name, other] of Object.entries(OTHERS)) {
    it(`shows the rules after ${name}`, () => check([...other, ...OURS]));
    it(`shows the rules before ${name}`, () => check([...OURS, ...other]));
  }

  // This version needs SDK 3.x, and Node.js 22.15.
  if (IS_NODE_20) return;
  for (const [order, options] of [
    ['after', [...AUTO, ...OURS]],
    ['before', [...OURS, '--import', AUTO[1]!]],
  ] as const) {
    it(`uses the MeterProvider of auto-instrumentations, ${order} them`, async () => {
      const port = String(await freePort());
      const exporter = { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: port };
      await check(options, exporter, `http://localhost:${port}/metrics`);
    });

    it(`serves the rules if auto-instrumentations export no metrics, ${order} them`, () =>
      check(options, { OTEL_METRICS_EXPORTER: 'none' }));
  }
});
