/**
 * Sets rulescope up in a program that runs a rule engine. Load it before the engine, such as by
 * `--require`. `RULESCOPE_TEST_ADAPTERS` says whether the adapters are `on` or `off`. Any other
 * value starts nothing of rulescope.
 */
import { isMainThread } from 'node:worker_threads';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { attributeCpu, sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics, getRule } from 'rulescope';
import { ADAPTER_NAMES, ruleAdapters } from 'rulescope/adapters';
import { nextTurn, work } from '../workers/work';

/** Fewer make the error bars too wide to see a wrong share: 300 have a standard error of 6 %. */
const ENOUGH_HITS = 300;
/** Many times as many as needed. Without a limit, the wait for a missing rule would not end. */
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

context.setGlobalContextManager(new AsyncLocalStorageContextManager());
if (ADAPTERS === 'on' || ADAPTERS === 'off') {
  const enabled = ADAPTERS === 'on';
  ruleAdapters(Object.fromEntries(ADAPTER_NAMES.map((library) => [library, { enabled }])));
  new RuleInstrumentation();
  if (isMainThread) {
    const ruleMetrics = new RuleMetrics({ samplingIntervalMicros: 1_009, windowMillis: 500 });
    ruleMetrics.setMeterProvider(provider);
    sharedCollector().addConsumer('test', (window) => {
      for (const [rule, share] of attributeCpu(window, 'rule').labels) {
        hits.set(rule, (hits.get(rule) ?? 0) + share.hits);
      }
    });
  }
}

/**
 * Does units of work, each in a turn of the loop, so that all bursts have one length. On a busy
 * machine, long bursts weigh more than short ones: the kernel preempts them.
 */
export async function workInTurns(units: number): Promise<void> {
  for (let i = 0; i < units; i++) {
    await nextTurn();
    work(1);
  }
}

const seen = new Map<string, (string | null)[]>();

/** Notes the rule of a place. `null` means no rule. */
export function see(place: string, rule: string | null = getRule() ?? null): void {
  const rules = seen.get(place) ?? [];
  if (!rules.includes(rule)) seen.set(place, [...rules, rule]);
}

/** What {@link report} prints. */
export interface Report {
  /** What the library did, which rulescope must not change. */
  readonly results: unknown;
  /** The rules of each place. */
  readonly seen: Readonly<Record<string, readonly (string | null)[]>>;
  /** What the metrics say of all rules. Only with the adapters on. */
  readonly rules: Readonly<Record<string, Measured>> | undefined;
}

/**
 * Calls `turn` until each of `rules` has enough hits, which no time can tell. Then ends the library
 * and prints a report.
 */
export async function report(
  results: unknown,
  rules: readonly string[],
  turn: () => Promise<unknown>,
  end: () => unknown,
): Promise<void> {
  const enough = (): boolean => rules.every((rule) => (hits.get(rule) ?? 0) >= ENOUGH_HITS);
  let measured: Report['rules'];
  if (ADAPTERS === 'on') {
    for (let turns = 0; turns < MAX_TURNS && !enough(); turns++) await turn();
    await provider.forceFlush();
    measured = await reader.rules();
  }
  await end();
  const found: Report = { results, seen: Object.fromEntries(seen), rules: measured };
  console.log(`json:${JSON.stringify(found)}`);
}
