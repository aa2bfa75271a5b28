/**
 * Sets rulescope up in a program that runs a rule engine. Load it before the engine, such as by
 * `--require`. `RULESCOPE_TEST_ADAPTERS` says whether the adapters are `on` or `off`. Any other value leaves rulescope out.
 */
import { isMainThread } from 'node:worker_threads';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { attributeCpu, sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics } from 'rulescope';
import { ADAPTER_NAMES, ruleAdapters } from 'rulescope/adapters';

/** Fewer hits make the error bars too wide to see a wrong share: 100 have a standard error of 10 %. */
const ENOUGH_HITS = 100;
/** Many times as many as are needed. Without a limit, a missing rule would be waited for in vain. */
const MAX_TURNS = 5_000;

const ADAPTERS = process.env['RULESCOPE_TEST_ADAPTERS'];

/** What the metrics say of a rule: seconds of CPU, and the square of their standard error. */
export interface Measured {
  readonly cpu: number;
  readonly variance: number;
}

class Reader extends MetricReader {
  async rules(): Promise<Record<string, Measured>> {
    const { resourceMetrics } = await this.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const values = (name: string): [string, number][] => {
      const points = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
      return (points as DataPoint<number>[]).map(({ attributes, value }) => [
        String(attributes['rulescope.rule.id']),
        value,
      ]);
    };
    const variance = new Map(values('rulescope.rule.cpu.variance'));
    return Object.fromEntries(
      values('rulescope.rule.cpu.time').map(([rule, cpu]) => [
        rule,
        { cpu, variance: variance.get(rule)! },
      ]),
    );
  }
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

const reader = new Reader();
const provider = new MeterProvider({ readers: [reader] });
const hits = new Map<string, number>();

if (ADAPTERS === 'on' || ADAPTERS === 'off') {
  const enabled = ADAPTERS === 'on';
  ruleAdapters(Object.fromEntries(ADAPTER_NAMES.map((library) => [library, { enabled }])));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  new RuleInstrumentation();
  if (isMainThread) {
    const ruleMetrics = new RuleMetrics({ samplingIntervalMicros: 2_003, windowMillis: 500 });
    ruleMetrics.setMeterProvider(provider);
    sharedCollector().addConsumer('test', (window) => {
      for (const [rule, share] of attributeCpu(window, 'rule').labels) {
        hits.set(rule, (hits.get(rule) ?? 0) + share.hits);
      }
    });
  }
}

/**
 * Calls `turn` until each of `rules` has enough hits. The wait is for samples, not for a time.
 *
 * @returns What the metrics say of all rules.
 */
export async function measure(
  rules: readonly string[],
  turn: () => Promise<unknown>,
): Promise<Record<string, Measured>> {
  const enough = (): boolean => rules.every((rule) => (hits.get(rule) ?? 0) >= ENOUGH_HITS);
  for (let turns = 0; turns < MAX_TURNS && !enough(); turns++) await turn();
  await provider.forceFlush();
  return reader.rules();
}
