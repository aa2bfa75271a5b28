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
/** Rounding of the clocks, seconds. */
const ROUNDING_SECONDS = 1e-4;

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
  /** CPU that was used while the metrics started or ended: the books may have it or not. */
  private unsure = ROUNDING_SECONDS;

  constructor(private readonly tally: Tally) {
    this.metrics.setMeterProvider(this.provider);
    this.enable();
  }

  enable(): void {
    if (this.enabledAt !== undefined) return;
    const before = processSeconds();
    this.metrics.enable();
    this.enabledAt = processSeconds();
    this.unsure += this.enabledAt - before;
  }

  disable(): void {
    if (this.enabledAt === undefined) return;
    const before = processSeconds();
    this.used += before - this.enabledAt;
    this.enabledAt = undefined;
    this.metrics.disable();
    this.unsure += processSeconds() - before;
  }

  async flush(): Promise<void> {
    await this.provider.forceFlush();
  }

  async shutdown(): Promise<void> {
    const before = processSeconds();
    await this.provider.shutdown();
    if (this.enabledAt !== undefined) {
      this.used += before - this.enabledAt;
      this.unsure += processSeconds() - before;
    }
    const { used, unsure } = this;
    const [cumulative, delta] = this.exporters.map((exporter) => exporter.getMetrics());
    const totals = {
      cumulative: sum(cumulative?.slice(-1) ?? []),
      delta: sum(delta ?? []),
    };
    for (const [temporality, { ledger, rules, rulesInLedger }] of Object.entries(totals)) {
      this.tally.check(
        ledger >= used - ROUNDING_SECONDS && ledger <= used + unsure,
        `${temporality}: ${ledger} s exported, ${used} to ${used + unsure} s used`,
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
