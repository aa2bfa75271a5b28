import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { RuleMetrics } from 'rulescope';
import type { Tally } from '../soak/Tally';

/** No export of its own: only flushes and the shutdown export. */
const NEVER_MILLIS = 2 ** 31 - 1;
/** CPU between two readings of the clock that belong together, seconds. */
const SLACK_SECONDS = 0.02;

function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * An SDK with a cumulative and a delta reader, and the books: the exported CPU by source must be
 * the CPU that the process used while the metrics were enabled.
 */
export class Sdk {
  private readonly exporters = [
    new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    new InMemoryMetricExporter(AggregationTemporality.DELTA),
  ];
  readonly provider = new MeterProvider({
    readers: this.exporters.map(
      (exporter) =>
        new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: NEVER_MILLIS }),
    ),
  });
  private readonly metrics = new RuleMetrics({ enabled: false });
  private enabledAt: number | undefined;
  private used = 0;
  /** Starts and ends of the time with metrics: each adds to the uncertainty of `used`. */
  private borders = 0;

  constructor(private readonly tally: Tally) {
    this.metrics.setMeterProvider(this.provider);
    this.enable();
  }

  enable(): void {
    if (this.enabledAt !== undefined) return;
    this.metrics.enable();
    this.enabledAt = processSeconds();
    this.borders++;
  }

  disable(): void {
    if (this.enabledAt === undefined) return;
    this.used += processSeconds() - this.enabledAt;
    this.enabledAt = undefined;
    this.metrics.disable();
    this.borders++;
  }

  async flush(): Promise<void> {
    await this.provider.forceFlush();
  }

  async shutdown(): Promise<void> {
    const before = processSeconds();
    await this.provider.shutdown();
    const after = processSeconds();
    const used = this.used + (this.enabledAt === undefined ? 0 : before - this.enabledAt);
    const slack =
      this.borders * SLACK_SECONDS + (this.enabledAt === undefined ? 0 : after - before);
    const [cumulative, delta] = this.exporters.map((exporter) => exporter.getMetrics());
    const totals = {
      cumulative: sum(cumulative?.slice(-1) ?? []),
      delta: sum(delta ?? []),
    };
    for (const [temporality, { ledger, rules, rulesInLedger }] of Object.entries(totals)) {
      this.tally.check(
        ledger >= used - slack && ledger <= used + slack,
        `${temporality}: ${ledger} s exported, ${used} s used (at most ${slack} s more or less)`,
      );
      this.tally.check(
        Math.abs(rules - rulesInLedger) < 1e-6 * (1 + rules),
        `${temporality}: the rules sum to ${rules} s, the ledger has ${rulesInLedger} s`,
      );
    }
  }
}

type Exported = ReturnType<InMemoryMetricExporter['getMetrics']>;

/** Sums the CPU of the ledger and of the rules over some exports. */
function sum(exported: Exported): { ledger: number; rules: number; rulesInLedger: number } {
  const sums = { ledger: 0, rules: 0, rulesInLedger: 0 };
  for (const { scopeMetrics } of exported) {
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      for (const { value, attributes } of dataPoints) {
        if (typeof value !== 'number') continue;
        if (descriptor.name === 'rulescope.rule.cpu.time') sums.rules += value;
        if (descriptor.name !== 'rulescope.process.cpu.time') continue;
        sums.ledger += value;
        if (attributes['rulescope.cpu.source'] === 'rule') sums.rulesInLedger += value;
      }
    }
  }
  return sums;
}
