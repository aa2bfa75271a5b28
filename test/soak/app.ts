/**
 * The application of the soak. It uses everything that the packages offer, at once and under load.
 * It prints the URL of its server. On SIGTERM it stops its stressors and prints an
 * {@link AppReport} as its last line. It must then end by itself.
 */
import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createPprofHandler } from '@rulescope/profiler/http';
import { RuleInstrumentation, RuleMetrics } from 'rulescope';
import { type AppReport, type Stressor, type Tally, startStressor } from './Tally';
import { pool, rules, workers } from './load';
import { type Memory, READING_MILLIS, readMemory } from './memory';
import { LOST_WITH_WORKERS, consumers, dropIn, guests, spans } from './readers';

const STRESSORS: Readonly<Record<string, Stressor>> = {
  guests,
  spans,
  dropIn,
  rules,
  workers,
  pool,
};

async function main(): Promise<void> {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  process.once('SIGTERM', () => ending.abort());
  new RuleInstrumentation();
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const metrics = new RuleMetrics();
  metrics.setMeterProvider(provider);

  const memory: Memory[] = [];
  const watch = setInterval(() => memory.push(readMemory()), READING_MILLIS);
  const pprof = createPprofHandler({ heap: true });
  const server = createServer((request, response) => {
    if (request.url === '/metrics') reader.getMetricsRequestHandler(request, response);
    else pprof(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  const tallies: Record<string, Tally> = {};
  // The counting consumer is added first and removed last.
  const over = new AbortController();
  const counting = startStressor(tallies, 'consumers', consumers, over.signal);
  await Promise.all(
    Object.entries(STRESSORS).map(([name, each]) =>
      startStressor(tallies, name, each, ending.signal),
    ),
  );
  const terminated = Object.values(tallies).reduce(
    (sum, { did }) => sum + (did['terminated'] ?? 0),
    0,
  );
  const lostWithWorkers = (): number => tallies['consumers']?.did[LOST_WITH_WORKERS] ?? 0;
  // The collector reports a lost worker some time after its end.
  const deadline = Date.now() + 10_000;
  while (lostWithWorkers() < terminated && Date.now() < deadline) await sleep(100);
  over.abort();
  await counting;
  const counted = lostWithWorkers();
  tallies['workers']?.check(
    counted === terminated,
    `${counted} of ${terminated} terminated workers were counted`,
  );
  clearInterval(watch);
  server.close();
  await pprof.close();
  metrics.disable();
  await provider.shutdown();
  const report: AppReport = { tallies, memory };
  console.log(JSON.stringify(report));
}

void main();
