/** Loads a log in one of the variants: `npm run replay`. */
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { loadLog } from './loadLog';
import { measureGc } from './measureGc';
import { REPLAY_USAGE, type ReplayOptions, parseReplayOptions } from './options';
import { processCpu, readFigures } from './readFigures';
import { recordProfiles } from './recordProfiles';
import { ProfileServer } from './server';

const EXIT_DAMAGED = 1;
const EXIT_USAGE = 2;
const LAST_SCRAPE_MILLIS = 5_000;

async function main(options: ReplayOptions): Promise<void> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const metrics = new RuleMetrics({
    windowMillis: Math.round(options.window * 1000),
    labels: ['rule', 'stage'],
  });
  const sdk = new NodeSDK({
    serviceName: `hunt-${options.variant}`,
    autoDetectResources: false,
    metricReaders: [exporter],
    instrumentations: [new RuleInstrumentation(), metrics],
  });
  sdk.start();
  const beforeSampling = processCpu();
  const writeProfiles =
    options.profiles === undefined ? undefined : recordProfiles(options.profiles);
  const rule = `replay-${options.variant}`;
  const gcSeconds = measureGc(rule);
  const server = new ProfileServer(exporter);
  const port = await server.listen(options.port);
  console.error(`http://127.0.0.1:${port}/metrics and /debug/pprof while ${options.variant} runs`);

  const { damage, points, ...loaded } = await withRule(rule, () =>
    loadLog(options.log, options.variant, options.query),
  );
  await writeProfiles?.();
  const ruleGc = await gcSeconds();
  const result = {
    variant: options.variant,
    ...loaded,
    ...(options.query !== undefined && { points: points ?? [] }),
    ...(damage !== undefined && { damage: damage.message }),
    cpu: { ruleGc, ...(await readFigures(metrics, exporter, beforeSampling)) },
  };
  console.log(options.json ? JSON.stringify(result) : result);
  if (damage !== undefined) {
    console.error(`hunt: ${damage.message}; loaded all records before it`);
    process.exitCode = EXIT_DAMAGED;
  }
  if (options.lastScrape) await server.scraped(LAST_SCRAPE_MILLIS);
  if (options.stay) await signal();
  await server.close();
  await sdk.shutdown();
}

/** Resolves on Ctrl-C or SIGTERM. */
function signal(): Promise<unknown> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, resolve);
  });
}

function fail(error: unknown): never {
  console.error(`hunt: ${(error as Error).message.split('\n', 1)[0]} (--help lists all options)`);
  process.exit(EXIT_USAGE);
}

try {
  const options = parseReplayOptions(process.argv.slice(2));
  if (options.help) console.log(REPLAY_USAGE);
  else main(options).catch(fail);
} catch (error) {
  fail(error);
}
