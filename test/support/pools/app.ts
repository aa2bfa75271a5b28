/**
 * A program that uses a pool. Arguments: the library, the path to load it by, the port of its
 * server, `on`, `disabled` or `none` for the adapter, and the part to run. Prints JSON. A
 * path that is a `file:` URL leads to an ES module that exports the library as its default.
 */
import { createRequire } from 'node:module';
import { context, createContextKey } from '@opentelemetry/api';
import { MetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuleInstrumentation, RuleMetrics, getRule, withRule } from 'rulescope';
import { type AmqpMessage, ruleAdapters } from 'rulescope/adapters';
import type { OpenPool, Pool, Tell } from './Pool';
import { openAmqplib } from './amqplib';
import { openIoredis } from './ioredis';
import { openIoredisCluster } from './ioredisCluster';
import { openMysql2 } from './mysql2';
import { openPg } from './pg';
import { openRedis } from './redis';
import { openRedisCluster } from './redisCluster';

const OPEN = {
  amqplib: openAmqplib,
  ioredis: openIoredis,
  'ioredis cluster': openIoredisCluster,
  mysql2: openMysql2,
  pg: openPg,
  redis: openRedis,
  'redis cluster': openRedisCluster,
};
export type Library = keyof typeof OPEN;

/** CPU of a rule, seconds, and its variance. */
export interface RuleCpu {
  readonly seconds: number;
  readonly variance: number;
}

/** What the part `cpu` prints. */
export interface MeasuredCpu {
  /** The rules, and CPU of no rule as `unlabeled`. */
  readonly [rule: string]: RuleCpu;
}

/** What the part `rules` prints: callbacks by what they saw. */
export interface SeenRules {
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}

const RULES = ['a', 'b', 'c', 'd'];
/** A value of the Context beside the rule. */
const KEY = createContextKey('test');
/** CPU of the process for each of the two measurements, seconds. */
const CPU_SECONDS = 1.5;

class Reader extends MetricReader {
  async cpu(): Promise<MeasuredCpu> {
    await this.forceFlush();
    const { resourceMetrics } = await this.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const read = (name: string, key: string): Map<string, number> => {
      const metric = metrics.find(({ descriptor }) => descriptor.name === name);
      const points = metric?.dataPoints ?? [];
      return new Map(points.map((each) => [String(each.attributes[key]), Number(each.value)]));
    };
    const seconds = read('rulescope.rule.cpu.time', 'rulescope.rule.id');
    const variance = read('rulescope.rule.cpu.variance', 'rulescope.rule.id');
    const unlabeled = read('rulescope.process.cpu.time', 'rulescope.cpu.source').get('unlabeled');
    return Object.fromEntries([
      ...[...seconds].map(([rule, value]) => [
        rule,
        { seconds: value, variance: variance.get(rule) ?? 0 },
      ]),
      ['unlabeled', { seconds: unlabeled ?? 0, variance: 0 }],
    ]) as MeasuredCpu;
  }
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}
const reader = new Reader();

function inRule<R>(rule: string, fn: () => R): R {
  return context.with(context.active().setValue(KEY, rule), () => withRule(rule, fn));
}

/** Repeats `round` until the process has used as much CPU as the measurement needs. */
async function useCpu(round: (index: number) => Promise<unknown>): Promise<void> {
  const start = process.cpuUsage();
  for (let index = 0; ; index++) {
    await round(index);
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1e6 > CPU_SECONDS) return;
  }
}

async function measureCpu(pool: Pool): Promise<MeasuredCpu> {
  await inRule('light', () => pool.open(() => undefined));
  const before = await reader.cpu();
  await useCpu(() => inRule('heavy', () => pool.work()));
  // The place of the smaller rule in the queue changes, so that no place favors it.
  await useCpu((index) =>
    Promise.all(
      [0, 1, 2, 3].map((place) => inRule(place === index % 4 ? 'one' : 'three', () => pool.work())),
    ),
  );
  const { unlabeled, ...rules } = await reader.cpu();
  const seconds = unlabeled!.seconds - before['unlabeled']!.seconds;
  return { ...rules, unlabeled: { seconds, variance: 0 } };
}

async function seeRules(pool: Pool, right: Set<string>, wrong: Set<string>): Promise<SeenRules> {
  const ask = (rule: string, fn: (tell: Tell) => Promise<unknown>): Promise<unknown> =>
    inRule(rule, () =>
      fn((callback) => {
        const seen = `${getRule()} ${String(context.active().getValue(KEY))}`;
        if (seen === `${rule} ${rule}`) right.add(callback);
        else wrong.add(`${callback} of ${rule} saw ${seen}`);
      }),
    );
  const askInAll = (fn: (tell: Tell) => Promise<unknown>): Promise<unknown> =>
    Promise.all(RULES.map((rule) => ask(rule, fn)));
  await ask('opener', (tell) => pool.open(tell));
  await askInAll((tell) => pool.callBack(tell));
  await askInAll((tell) => pool.breakOff(tell));
  // Through a connection that replaces the broken one.
  await askInAll((tell) => pool.callBack(tell));
  return { right: [...right].sort(), wrong: [...wrong].sort() };
}

export type AdapterState = 'on' | 'disabled' | 'none';
export type Part = 'results' | 'rules' | 'cpu';

async function main(
  library: Library,
  path: string,
  port: number,
  adapter: AdapterState,
  part: Part,
): Promise<void> {
  const ruleOf = ({ properties }: AmqpMessage): string | undefined =>
    properties.headers?.['rule'] as string | undefined;
  const adapters = adapter === 'none' ? [] : ruleAdapters({ amqplib: { ruleOf } });
  const sdk = new NodeSDK({
    metricReaders: [reader],
    spanProcessors: [],
    logRecordProcessors: [],
    autoDetectResources: false,
    instrumentations: [
      new RuleInstrumentation(),
      new RuleMetrics({ samplingIntervalMicros: 1_999, windowMillis: 500 }),
      ...adapters,
    ],
  });
  sdk.start();
  if (adapter === 'disabled') adapters.forEach((each) => each.disable());
  const [right, wrong] = [new Set<string>(), new Set<string>()];
  const own: Tell = (event) => {
    if (getRule() === undefined) right.add(event);
    else wrong.add(`${event} saw ${getRule()}`);
  };
  const open = OPEN[library] as OpenPool;
  const load = createRequire(path);
  const exports: unknown = path.startsWith('file:')
    ? ((await import(path)) as { default: unknown }).default
    : load(path);
  const pool = open(exports as never, port, own, load);
  const found = await {
    results: () => pool.results(),
    rules: () => seeRules(pool, right, wrong),
    cpu: () => measureCpu(pool),
  }[part]();
  await pool.close();
  await sdk.shutdown();
  console.log(`found ${JSON.stringify(found)}`);
}

const [library, path, port, adapter, part] = process.argv.slice(2);
void main(library as Library, path!, Number(port), adapter as AdapterState, part as Part);
