import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { type CollectionResult, MeterProvider } from '@opentelemetry/sdk-metrics';
import type { ProfileCollector, ProfileWindow, WindowCallback } from '@rulescope/profiler';
import {
  CollectorMetrics,
  CollectorProducer,
  OF_PRODUCER,
  resolveSeriesOptions,
} from '@rulescope/exporter/internal';
import { requirePeer } from '../subjects/requirePeer';

/** What takes windows and is scraped. */
export interface ExportSubject {
  add(window: ProfileWindow, rules: readonly string[]): void;
  /** Returns Prometheus text. */
  scrape(): Promise<string>;
}

/** `instruments` has room for 1,000 rules. */
export const EXPORT_SUBJECTS = ['producer', 'instruments', 'prom-client'] as const;
export type ExportSubjectName = (typeof EXPORT_SUBJECTS)[number];
export const MAX_INSTRUMENT_RULES = 1_000;

export function createExportSubject(name: ExportSubjectName, rules: number): ExportSubject {
  if (name === 'prom-client') return promClient();
  const config = {
    maxActiveSeries: rules,
    maxLifetimeSeries: Math.max(rules, 1_000),
    retireAfterWindows: 100_000,
  };
  const { collector, deliver } = handCollector();
  const serializer = new PrometheusSerializer();
  const textOf = ({ resourceMetrics }: CollectionResult): string =>
    serializer.serialize(resourceMetrics);
  if (name === 'producer') {
    const options = resolveSeriesOptions(config, OF_PRODUCER);
    const producer = new CollectorProducer(config, options, collector);
    return { add: deliver, scrape: async () => textOf(await producer.collect()) };
  }
  const reader = new PrometheusExporter({ preventServerStart: true });
  const metrics = new CollectorMetrics(config, resolveSeriesOptions(config), () => collector);
  metrics.setMeterProvider(new MeterProvider({ readers: [reader] }));
  return { add: deliver, scrape: async () => textOf(await reader.collect()) };
}

/** Returns a collector that hands over windows that the benchmark makes. */
function handCollector(): {
  collector: ProfileCollector;
  deliver: (window: ProfileWindow) => void;
} {
  let callback: WindowCallback = () => undefined;
  const collector = {
    options: { windowMillis: 5_000 },
    consumers: () => [],
    droppedWindows: () => new Map<string, number>(),
    addConsumer: (consumer: string, given: WindowCallback) => {
      callback = given;
      return { name: consumer };
    },
  };
  return {
    collector: collector as unknown as ProfileCollector,
    deliver: (window) => void callback(window, { missed: 0 }),
  };
}

/** The part of prom-client that is used. */
interface PromClient {
  readonly Registry: new () => { metrics(): Promise<string> };
  readonly Counter: new (options: object) => { inc(labels: object, value: number): void };
  readonly Gauge: new (options: object) => { set(labels: object, value: number): void };
}

/** As many series as rulescope has, with one update of each series per window. */
function promClient(): ExportSubject {
  const { Registry, Counter, Gauge } = requirePeer<PromClient>('prom-client');
  const registry = new Registry();
  const options = (name: string): object => ({
    name: `rulescope_rule_cpu_${name}`,
    help: 'A metric with one label.',
    labelNames: ['rulescope_rule_id', 'otel_scope_name', 'otel_scope_version'],
    registers: [registry],
  });
  const counters = ['time_total', 'samples_total', 'variance_total'].map(
    (name) => new Counter(options(name)),
  );
  const gauges = ['usage', 'standard_error'].map((name) => new Gauge(options(name)));
  const scope = { otel_scope_name: '@rulescope/exporter', otel_scope_version: '0.1.0' };
  return {
    add: (_, rules) => {
      for (const rule of rules) {
        const labels = { rulescope_rule_id: rule, ...scope };
        for (const counter of counters) counter.inc(labels, 0.01);
        for (const gauge of gauges) gauge.set(labels, 0.002);
      }
    },
    scrape: () => registry.metrics(),
  };
}
