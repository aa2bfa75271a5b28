/** What a process loads, from nothing to a whole setup with rulescope. */
export const VARIANTS = ['node', 'metrics', 'sdk', 'rulescope', 'registered'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What one process says about itself. */
export interface StartupResult {
  /** CPU of the whole process, all its threads, user and system, from its start. */
  readonly cpuMillis: number;
  /** CommonJS modules in the cache. */
  readonly modules: number;
  /** Those among them that are files of rulescope's packages. */
  readonly ownModules: number;
  /** Native add-ons in the memory of the process. */
  readonly natives: readonly string[];
}

const METRICS = `
  require('@opentelemetry/api');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');`;
const SDK = `${METRICS}
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  require('@opentelemetry/sdk-node');`;
const RULESCOPE = `${SDK}
  const { RuleInstrumentation, RuleMetrics } = require('rulescope');`;
const REGISTERED = `${RULESCOPE}
  registerInstrumentations({
    meterProvider: new MeterProvider({
      readers: [new PrometheusExporter({ preventServerStart: true })],
    }),
    instrumentations: [new RuleInstrumentation(), new RuleMetrics()],
  });`;

/** Reads the CPU before anything else, because the rest of the report costs some. */
const REPORT = `
  const { user, system } = process.cpuUsage();
  const files = Object.keys(require.cache);
  process.report.excludeNetwork = true;
  const { sharedObjects } = process.report.getReport();
  const result = {
    cpuMillis: (user + system) / 1000,
    modules: files.length,
    ownModules: files.filter((file) => /\\/packages\\/[^/]+\\/build\\//.test(file)).length,
    natives: sharedObjects.filter((file) => file.endsWith('.node')),
  };
  process.stdout.write(JSON.stringify(result), () => process.exit());`;

/** Programs for `node --eval`. Each prints a {@link StartupResult} as JSON. */
export const PROGRAMS: Readonly<Record<Variant, string>> = {
  node: REPORT,
  metrics: METRICS + REPORT,
  sdk: SDK + REPORT,
  rulescope: RULESCOPE + REPORT,
  registered: REGISTERED + REPORT,
};
