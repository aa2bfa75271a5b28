/**
 * A program with two rules and the metric readers that its argument names, an {@link AppOptions} as
 * JSON. Prints the URL at which it is controlled. Ends at SIGTERM, after a shutdown of the provider.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPMetricExporter as GrpcExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { ManualReader, type Values } from '../clocks/ManualReader';
import { burn, processCpu } from '../shutdown/figures';

/** A push exporter. Protobuf and JSON go over HTTP. */
export interface OtlpOptions {
  readonly encoding: 'protobuf' | 'json' | 'grpc';
  readonly url: string;
  readonly delta?: boolean;
  readonly intervalMillis: number;
  readonly timeoutMillis: number;
}

export interface AppOptions {
  /** Port of a Prometheus exporter. */
  readonly prometheusPort?: number;
  readonly otlp?: readonly OtlpOptions[];
}

/** What the app knows about itself. */
export interface AppFigures {
  /** CPU that each rule used by the clock of the process, seconds. */
  readonly used: Values;
  /** What rulescope says, from a reader that is asked in the process. */
  readonly cpuTime: Values;
  readonly variance: Values;
  readonly samples: Values;
  readonly windows: Values;
}

const EXPORTERS = { protobuf: ProtobufExporter, json: JsonExporter, grpc: GrpcExporter };
/** CPU of one piece of work of each rule, seconds. */
const PIECES = { hot: 0.009, cold: 0.003 };

const options = JSON.parse(process.argv[2] ?? '{}') as AppOptions;
let errors = 0;
const count = (): void => void errors++;
const logger = { error: count, warn: count, info() {}, debug() {}, verbose() {} };
diag.setLogger(logger, DiagLogLevel.WARN);

new RuleInstrumentation();
const manual = new ManualReader();
const pushReaders = (options.otlp ?? []).map(
  ({ encoding, url, delta, intervalMillis, timeoutMillis }) =>
    new PeriodicExportingMetricReader({
      exporter: new EXPORTERS[encoding]({
        url,
        timeoutMillis,
        temporalityPreference: delta
          ? AggregationTemporality.DELTA
          : AggregationTemporality.CUMULATIVE,
      }),
      exportIntervalMillis: intervalMillis,
      exportTimeoutMillis: intervalMillis,
    }),
);
const { prometheusPort: port } = options;
const pulled = port === undefined ? [] : [new PrometheusExporter({ port, host: '127.0.0.1' })];
const provider = new MeterProvider({ readers: [manual, ...pushReaders, ...pulled] });
new RuleMetrics({ windowMillis: 500 }).setMeterProvider(provider);

let resting = false;
const used: Values = {};
const rules = Object.entries(PIECES).map(([rule, seconds]) =>
  withRule(rule, async () => {
    while (!resting) {
      const before = processCpu();
      burn(seconds);
      used[rule] = (used[rule] ?? 0) + processCpu() - before;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }),
);

/** Ends the work of the rules, flushes all readers and returns the final figures. */
async function rest(): Promise<AppFigures> {
  resting = true;
  await Promise.all(rules);
  await provider.forceFlush();
  const ofRules = (name: string): Promise<Values> =>
    manual.values(`rulescope.rule.cpu.${name}`, 'rulescope.rule.id');
  return {
    used,
    cpuTime: await ofRules('time'),
    variance: await ofRules('variance'),
    samples: await ofRules('samples'),
    windows: await manual.values('rulescope.windows', 'rulescope.window.outcome'),
  };
}

const server = createServer((request, response) => {
  void (async () =>
    response.end(JSON.stringify(request.url === '/rest' ? await rest() : errors)))();
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
process.once('SIGTERM', () => {
  resting = true;
  server.close();
  server.closeAllConnections();
  // The SDK may reject if a backend is away.
  provider.shutdown().catch(() => undefined);
});
