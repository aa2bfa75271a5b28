import type { AddressInfo } from 'node:net';
import { once, setMaxListeners } from 'node:events';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { type Consumer, samplerSupport, sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { WindowFeed } from './WindowFeed';
import { type DemoOptions, USAGE, parseOptions } from './options';
import { demoRules } from './rules';
import { runTask } from './rules/pacing';
import { serve } from './server';

const EXIT_USAGE = 2;

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const { reason } = samplerSupport();
  if (reason !== undefined) fail(reason.message);

  const exporter = new PrometheusExporter({ preventServerStart: true });
  const sdk = new NodeSDK({
    serviceName: 'rulescope-demo',
    autoDetectResources: false,
    metricReaders: [exporter],
    instrumentations: [
      new RuleInstrumentation(),
      new RuleMetrics({
        windowMillis: Math.round(options.window * 1000),
        metrics: { functions: true },
      }),
    ],
  });
  sdk.start();
  const processCpu = reportProcessCpu();

  const feed = new WindowFeed();
  const server = await serve(
    options.port,
    (request, response) => exporter.getMetricsRequestHandler(request, response),
    (_request, response) => feed.open(response),
  ).catch((error: NodeJS.ErrnoException) => fail(explainListenError(error, options.port)));

  const stop = stopSignal(options.seconds);
  const tasks = demoRules().flatMap((rule) =>
    Array.from({ length: rule.tasks }, () => withRule(rule.id, () => runTask(rule, stop))),
  );

  const { port } = server.address() as AddressInfo;
  console.log(
    `http://127.0.0.1:${port}/ shows the CPU of four rules. /metrics is for Prometheus. Ctrl-C stops.`,
  );
  if (!stop.aborted) await once(stop, 'abort');

  await Promise.all(tasks);
  await feed.close();
  await processCpu.remove();
  server.closeAllConnections();
  server.close();
  await sdk.shutdown();
}

function readOptions(): DemoOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    return fail(`${(error as Error).message.split('\n', 1)[0]} (--help lists all options)`);
  }
}

/**
 * Reports the CPU that Node.js counts, `process.cpu.time` of the semantic conventions, as of the
 * close of the last window. It must increase as much as the sum of the ledger.
 */
function reportProcessCpu(): Consumer {
  let usage = process.cpuUsage();
  const meter = metrics.getMeter('rulescope-demo');
  const time = meter.createObservableCounter('process.cpu.time', { unit: 's' });
  time.addCallback((result) => {
    result.observe(usage.user / 1e6, { 'cpu.mode': 'user' });
    result.observe(usage.system / 1e6, { 'cpu.mode': 'system' });
  });
  return sharedCollector().addConsumer('demo-process-cpu', () => (usage = process.cpuUsage()));
}

/** Aborts on the first SIGINT or SIGTERM, or after `seconds`. */
function stopSignal(seconds: number | undefined): AbortSignal {
  const controller = new AbortController();
  // Every sleeping task adds a listener.
  setMaxListeners(0, controller.signal);
  const stop = (): void => controller.abort();
  // Not `once`: npm sends a second signal, which must not kill the process while it stops.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop);
  if (seconds !== undefined) setTimeout(stop, seconds * 1000).unref();
  return controller.signal;
}

function explainListenError(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE')
    return `port ${port} is in use; choose another with --port, or --port 0`;
  if (error.code === 'EACCES')
    return `port ${port} needs more privileges; choose another with --port`;
  return error.message;
}

function fail(message: string): never {
  console.error(`rulescope demo: ${message}`);
  process.exit(EXIT_USAGE);
}

void main();
