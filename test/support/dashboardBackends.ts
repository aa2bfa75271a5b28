import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Style, metricNames } from '@rulescope/dashboards';
import { DASHBOARDS, rulesFile } from './dashboards';
import { type Running, eventually, freePort, run } from './processes';
import { startPrometheusWith } from './prometheus';
import type { PromqlServer } from './promql';
import { startVictoriaMetrics, startVmalert } from './victoriaMetrics';

/** Name of the service of all processes, the label `job`. */
export const JOB = 'shop';

const PROCESSES = 2;
/** Rules of each process. */
const RULES = 2;

/** A server with the metrics of the fleet, in one of the naming styles. */
interface Backend {
  readonly style: Style;
  readonly server: PromqlServer;
}

/** What {@link startBackends} starts. */
export const BACKENDS = [
  'Prometheus',
  'VictoriaMetrics',
  'VictoriaMetrics, by OTLP',
  'Prometheus, with the names of OTLP',
] as const;

/** Servers by name. */
export type Backends = Readonly<Record<(typeof BACKENDS)[number], Backend>>;

/**
 * Starts a fleet of two processes and all backends. Each evaluates the rules of its naming style
 * every second. Resolves when each has a rate of each rule in each process.
 *
 * @param started Gets everything that must be stopped, also if this function rejects.
 */
export async function startBackends(started: { stop(): Promise<unknown> }[]): Promise<Backends> {
  const keep = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  const ports = await Promise.all(Array.from({ length: PROCESSES }, freePort));
  const targets = ports.map((port) => `127.0.0.1:${port}`);
  const scrape = { scrape_configs: [{ job_name: JOB, static_configs: [{ targets }] }] };
  const directory = await mkdtemp(join(tmpdir(), 'rulescope-scrape-'));
  started.push({ stop: () => rm(directory, { recursive: true }) });
  const scrapeFile = join(directory, 'scrape.yml');
  const global = { scrape_interval: '1s', scrape_timeout: '1s' };
  await writeFile(scrapeFile, JSON.stringify({ global, ...scrape }));
  const relabelFile = join(DASHBOARDS, 'otlp', 'victoriametrics-relabel.yml');
  const [scraping, receiving] = await Promise.all([
    keep(startVictoriaMetrics(`-promscrape.config=${scrapeFile}`)),
    keep(startVictoriaMetrics(`-relabelConfig=${relabelFile}`)),
  ]);
  started.push(...ports.map((port, i) => startApp(port, i, receiving.otlpUrl)));
  const [prometheus, federating] = await Promise.all([
    keep(startPrometheusWith({ ...scrape, rule_files: [rulesFile('prometheus')] })),
    // Prometheus of Debian does not receive OTLP. It gets the series from VictoriaMetrics.
    keep(startPrometheusWith({ ...federation(receiving.url), rule_files: [rulesFile('otlp')] })),
    keep(startVmalert(rulesFile('prometheus'), scraping)),
    keep(startVmalert(rulesFile('otlp'), receiving)),
  ]);
  const backends: Backends = {
    Prometheus: { style: 'prometheus', server: prometheus },
    VictoriaMetrics: { style: 'prometheus', server: scraping },
    'VictoriaMetrics, by OTLP': { style: 'otlp', server: receiving },
    'Prometheus, with the names of OTLP': { style: 'otlp', server: federating },
  };
  for (const name of BACKENDS) {
    const { style, server } = backends[name];
    // A rate needs two scrapes.
    const rates = `count(rate(${metricNames(style).ruleTime}[1m]))`;
    await eventually(`rates in ${name}`, async () =>
      (await server.scalar(rates)) === PROCESSES * RULES ? true : undefined,
    );
  }
  return backends;
}

/** Starts a process of the fleet. The second one has unfair samples. */
function startApp(port: number, index: number, otlpUrl: string): Running {
  const app = require.resolve('./dashboardApp');
  return run(process.execPath, [app, index === 0 ? 'fair' : 'unfair'], {
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: JOB,
      OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=process-${index}`,
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: otlpUrl,
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    },
  });
}

/** A configuration of Prometheus that takes the series of another server. */
function federation(url: string): Record<string, unknown> {
  return {
    scrape_configs: [
      {
        job_name: 'federate',
        honor_labels: true,
        metrics_path: '/federate',
        params: { 'match[]': ['{__name__=~"(rulescope|process)_.+"}'] },
        static_configs: [{ targets: [new URL(url).host] }],
      },
    ],
  };
}
