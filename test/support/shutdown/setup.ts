/** What the scenarios start, do and report. */
import { readFileSync, readdirSync, writeSync } from 'node:fs';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type * as sdkNode from '@opentelemetry/sdk-node';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { Exports, type Series, burn, processCpu } from './figures';

/** A way for an SDK to end, by its name. Returns what to print. */
export type Scenarios = Readonly<Record<string, () => unknown>>;

export const CPU = 'rulescope.rule.cpu.time';
export const USAGE = 'rulescope.rule.cpu.usage';
const SOURCES = 'rulescope.process.cpu.time';
/** CPU of one piece of work, seconds. */
const PIECE = 0.3;

export const exported = new Exports();
export const createMetrics = (): RuleMetrics => new RuleMetrics({ windowMillis: 600_000 });

export interface Figures {
  /** CPU by rule, seconds. */
  readonly rules: Series;
  readonly usage: Series;
  /** CPU by source, seconds. */
  readonly sources: Series;
  /** CPU that the process used while it was sampled, seconds. */
  readonly cpu: number;
}

/** Instrumentations have another type in each major version of the SDK. */
export const instrumentationsOf = (...ours: object[]): never => ours as never;

export function startSdk(
  to = exported,
  instrumentations = instrumentationsOf(new RuleInstrumentation(), createMetrics()),
): sdkNode.NodeSDK {
  // Takes long to load, and most scenarios need no NodeSDK.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { NodeSDK } = require('@opentelemetry/sdk-node') as typeof sdkNode;
  const sdk = new NodeSDK({
    metricReaders: [to.reader],
    instrumentations,
    autoDetectResources: false,
    spanProcessors: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return sdk;
}

export function startProvider(ruleMetrics = createMetrics()): MeterProvider {
  new RuleInstrumentation();
  const provider = new MeterProvider({ readers: [exported.reader] });
  ruleMetrics.setMeterProvider(provider);
  return provider;
}

export const work = (rule = 'job', seconds = PIECE): void => withRule(rule, () => burn(seconds));

/** Runs the work of a short job and returns its CPU. */
export function job(): number {
  const before = processCpu();
  work();
  return processCpu() - before;
}

export function figures(cpu: number): Figures {
  const [rules, usage, sources] = [CPU, USAGE, SOURCES].map((name) => exported.last(name));
  return { rules: rules!, usage: usage!, sources: sources!, cpu };
}

/** Returns the number of V8's sampling threads in this process. */
function samplingThreads(): number {
  const names = readdirSync('/proc/self/task').map((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'latin1').trimEnd();
    } catch {
      return 'ended meanwhile';
    }
  });
  return names.filter((name) => name === 'v8:ProfEvntProc').length;
}

/** State that differs while something samples. */
export function samplingState() {
  return {
    running: sharedCollector().running,
    consumers: sharedCollector().consumers().length,
    threads: samplingThreads(),
    // The async hook of Node.js 20 has this listener.
    hooks: process.listenerCount('uncaughtExceptionMonitor'),
  };
}

export const print = (result: unknown): void => void writeSync(1, JSON.stringify(result));

/** Resolves when `done()` is true. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
}
