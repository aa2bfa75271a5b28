import assert from 'node:assert/strict';
import type { Attributes } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { CallNode, LabelSet, ProfileWindow } from '@rulescope/profiler';
import { allAtOnce } from '@rulescope/profiler/internal';
import type { SourceLookup } from '@rulescope/profiler/report';
import fc from 'fast-check';
import { CloseDurations } from '../src/CloseDurations';
import { HotFunctions } from '../src/HotFunctions';
import { ProducedMetrics } from '../src/ProducedMetrics';
import { RuleAccounts } from '../src/RuleAccounts';
import type { RuleFigures } from '../src/RuleFigures';
import { createAccounts } from '../src/createAccounts';
import type { Observed } from '../src/observe';
import { OF_PRODUCER, type RuleMetricsConfig, resolveSeriesOptions } from '../src/options';
import { registerInstruments } from '../src/registerInstruments';
import { TestReader } from './support/TestReader';
import { assertClose } from './support/assertClose';
import { windowOf } from './support/windowOf';

const NO_MAPS: SourceLookup = () => undefined;
const ON = { metrics: { functions: true } };

/** A function with this many hits in a rule, and what it calls. */
interface Call {
  readonly name: string;
  readonly rule: string;
  readonly hits: number;
  readonly calls?: readonly Call[];
}

let timestamp = 0;

function nodeOf({ name, rule, hits, calls = [] }: Call): CallNode {
  const labels: LabelSet = { rule };
  const contexts = Array.from({ length: hits }, () => ({
    context: { labels },
    timestamp: (timestamp += 10_101),
    cpuTime: 1e7,
  }));
  return {
    name,
    scriptName: name.startsWith('(') ? '' : 'file:///a%20b.js',
    lineNumber: name.startsWith('(') ? 0 : name.length,
    columnNumber: 7,
    hitCount: hits,
    contexts,
    children: calls.map(nodeOf),
  };
}

const hitsOf = ({ hits, calls = [] }: Call): number =>
  calls.reduce((sum, call) => sum + hitsOf(call), hits);

/** Returns a window in which each hit is 10 ms of CPU. */
function windowWith(threadId: number, calls: readonly Call[]): ProfileWindow {
  const hits = calls.reduce((sum, call) => sum + hitsOf(call), 0);
  const root = { name: '(root)', scriptName: '', hitCount: 0, contexts: [] };
  return Object.defineProperty(windowOf({ threadId, threadSeconds: hits / 100 }), 'root', {
    value: { ...root, children: calls.map(nodeOf) },
  });
}

function figuresOf(attributes: Attributes): RuleFigures {
  return { attributes, cpuSeconds: 0, cumulativeSeconds: 0, hits: 0, variance: 0, usage: 0, standardError: 0 }; // prettier-ignore
}

describe('HotFunctions', () => {
  let accounts: RuleAccounts;
  let options: ReturnType<typeof resolveSeriesOptions>;

  function setUp(config: RuleMetricsConfig = {}, lookup = NO_MAPS): void {
    options = resolveSeriesOptions({ ...ON, ...config });
    const endings = { count: 0 };
    const functions = new HotFunctions(options, 1, endings, lookup);
    accounts = new RuleAccounts(options, 1, 0, endings, functions);
  }

  /** Adds a window. */
  const add = (...calls: Call[]): void => addOf(0, ...calls);

  function addOf(threadId: number, ...calls: Call[]): void {
    allAtOnce(accounts.add(windowWith(threadId, calls))!);
  }

  /** Returns 'rule function' with flat and cumulative CPU in hits. */
  function figures(reported = accounts.series.endings): Record<string, [number, number]> {
    const hits = (seconds: number) => Math.round(seconds * 100);
    return Object.fromEntries(
      [...accounts.functions!.since(reported)].map((each: RuleFigures) => [
        `${String(each.attributes['rulescope.rule.id'])} ${String(each.attributes['code.function.name'])}`,
        [hits(each.cpuSeconds), hits(each.cumulativeSeconds)],
      ]),
    );
  }

  it('has the functions of each rule that use most CPU, flat and with what they call', () => {
    setUp({ functionsPerRule: 2 });
    const calls = [
      { name: 'g', rule: 'a', hits: 5 },
      { name: 'h', rule: 'a', hits: 3 },
      { name: 'i', rule: 'b', hits: 2 },
    ];
    add({ name: 'f', rule: 'a', hits: 4, calls });
    assert.deepEqual(figures(), { 'a g': [5, 5], 'a f': [4, 12], 'b i': [2, 2] });
  });

  it('counts a function with a series cumulatively while others do its work', () => {
    setUp({ functionsPerRule: 1 });
    add({ name: 'f', rule: 'a', hits: 10 });
    add({ name: 'f', rule: 'a', hits: 0, calls: [{ name: 'g', rule: 'a', hits: 2 }] });
    assert.deepEqual(figures(), { 'a f': [10, 12] });
  });

  it('has the path, the line and the name in the source', () => {
    setUp({}, (file, line, column) =>
      line === 2
        ? { name: 'original', file: '/src/app.ts', line: 40, column: 3 }
        : (assert.deepEqual([file, column], ['/a b.js', 7]), undefined),
    );
    add(
      { name: 'ab', rule: 'a', hits: 1 },
      { name: 'abc', rule: 'a', hits: 1 },
      { name: '', rule: 'a', hits: 1 },
      { name: '(garbage collector)', rule: 'a', hits: 1 },
      { name: 'x'.repeat(1_000), rule: 'a', hits: 1 },
    );
    const found = [...accounts.functions!.since(0)].map(({ attributes }) => attributes);
    const rule = { 'rulescope.rule.id': 'a' };
    const file = { 'code.file.path': '/a b.js' };
    assert.deepEqual(found.slice(0, 3), [
      { ...rule, 'code.function.name': 'original', 'code.file.path': '/src/app.ts', 'code.line.number': 40 }, // prettier-ignore
      { ...rule, 'code.function.name': 'abc', ...file, 'code.line.number': 3 },
      { ...rule, 'code.function.name': '(anonymous:L#0:C#7)', ...file },
    ]);
    assert.equal(found[3]!['code.file.path'], undefined);
    assert.equal(String(found[4]!['code.function.name']).length, 256);
  });

  it('has no series twice if a map puts two functions in one place', () => {
    setUp({}, () => ({ name: 'one', file: '/src/app.ts', line: 1 }));
    add({ name: 'f', rule: 'a', hits: 2, calls: [{ name: 'gg', rule: 'a', hits: 3 }] });
    assert.deepEqual(figures(), { 'a one': [5, 5] });
  });

  it('ends the functions of a rule with its series, and reports them once', () => {
    setUp({ maxActiveSeries: 1 });
    add({ name: 'f', rule: 'a', hits: 1 });
    const before = accounts.series.endings;
    add({ name: 'g', rule: 'b', hits: 90 });
    assert.deepEqual(figures(before), { 'a f': [1, 1], 'b g': [90, 90] });
    assert.deepEqual(figures(), { 'b g': [90, 90] });
    add({ name: 'f', rule: 'a', hits: 900 });
    assert.deepEqual(figures(), { 'a f': [901, 901] });
  });

  it('does not exceed the series that an SDK has room for, and forgets rules of a producer', () => {
    setUp({ functionsPerRule: 50, maxActiveSeries: 1_000 });
    for (let i = 0; i < 30; i++) add({ name: 'f', rule: `r${i}`, hits: 1 });
    assert.equal(Object.keys(figures()).length, 19);
    options = {
      ...options,
      maxFunctionSeries: 100,
      limits: { ...options.limits, maxActiveSeries: 1 },
    };
    const endings = { count: 0 };
    const functions = new HotFunctions(options, 1, endings, NO_MAPS);
    accounts = new RuleAccounts(options, 1, 0, endings, functions);
    for (let i = 0; i < 5; i++) {
      // The functions of the rule before end with the first window, and make room for the second.
      add({ name: 'f', rule: `r${i}`, hits: 10 ** i });
      accounts.forgetEnded(endings.count);
      add({ name: 'f', rule: `r${i}`, hits: 5 });
      const hits = i === 0 ? 6 : 5;
      assert.deepEqual(figures(), { [`r${i} f`]: [hits, hits] });
    }
  });

  it('makes room once in a window, in steps, and forgets no rule of the same window', () => {
    setUp({ functionsPerRule: 1, maxActiveSeries: 1_000 });
    const endings = { count: 0 };
    options = { ...options, maxFunctionSeries: 6_000 };
    const functions = new HotFunctions(options, 1, endings, NO_MAPS);
    const rules = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ({ name: 'f', rule: `r${from + i}`, hits: 1 }));
    const series = (calls: readonly Call[]) =>
      new Map(calls.map(({ rule }) => [rule, figuresOf({ 'rulescope.rule.id': rule })]));
    const ids = (): number => [...functions.since(endings.count)].length;
    allAtOnce(functions.add(windowWith(0, rules(0, 3_000)), true, series(rules(0, 3_000))));
    assert.equal(ids(), 3_000);
    allAtOnce(functions.add(windowWith(0, []), true, new Map()));
    functions.forgetEnded(endings.count);
    // The first 1,000 return, so only 2,000 of the 4,000 newcomers find room.
    const next = [...rules(0, 1_000), ...rules(3_000, 7_000)];
    const steps = [...functions.add(windowWith(0, next), true, series(next))];
    assert.ok(steps.length >= 3, `${steps.length} steps`);
    const found = [...functions.since(endings.count)].map(
      ({ attributes, cpuSeconds }) => `${String(attributes['rulescope.rule.id'])} ${cpuSeconds}`,
    );
    const before = rules(0, 1_000).map(({ rule }) => `${rule} 0.02`);
    const after = rules(3_000, 5_000).map(({ rule }) => `${rule} 0.01`);
    assert.deepEqual(found.sort(), [...before, ...after].sort());
  });

  it('in any history: no counter falls, and the functions of a rule sum to at most the rule', () => {
    const fields = {
      name: fc.constantFrom('f', 'gg', 'hhh', 'iiii', 'jjjjj'),
      rule: fc.constantFrom('a', 'b', 'c', 'd'),
      hits: fc.oneof(fc.nat(3), fc.integer({ min: 30, max: 90 })),
    };
    let call: fc.Arbitrary<Call> = fc.record(fields);
    for (let depth = 0; depth < 3; depth++) {
      call = fc.record({ ...fields, calls: fc.array(call, { maxLength: 2 }) });
    }
    fc.assert(
      fc.property(
        fc.array(fc.array(call, { maxLength: 4 }), { minLength: 1, size: '+1' }),
        (windows) => {
          setUp({ maxActiveSeries: 2, functionsPerRule: 2, retireAfterWindows: 3 });
          const last = new Map<string, RuleFigures>();
          for (const calls of windows) {
            const reported = accounts.series.endings;
            add(...calls);
            const flat = new Map<string, number>();
            const count = new Map<string, number>();
            for (const each of accounts.functions!.since(reported)) {
              const key = JSON.stringify(each.attributes);
              const before = last.get(key);
              assert.ok(each.cpuSeconds >= (before?.cpuSeconds ?? 0));
              assert.ok(each.cumulativeSeconds >= (before?.cumulativeSeconds ?? 0));
              assert.ok(each.cumulativeSeconds >= each.cpuSeconds - 1e-9);
              last.set(key, { ...each });
            }
            for (const [id, rule] of accounts.series.rules) {
              for (const { attributes, cpuSeconds, cumulativeSeconds } of accounts.functions!.since(
                accounts.series.endings,
              )) {
                // prettier-ignore
                if (attributes['rulescope.rule.id'] !== id) continue;
                flat.set(id, (flat.get(id) ?? 0) + cpuSeconds);
                count.set(id, (count.get(id) ?? 0) + 1);
                assert.ok(cumulativeSeconds <= rule.cpuSeconds + 1e-9);
              }
              assert.ok((flat.get(id) ?? 0) <= rule.cpuSeconds + 1e-9);
              assert.ok((count.get(id) ?? 0) <= 2);
            }
          }
        },
      ),
      { numRuns: 60, seed: 14 },
    );
  });

  it('is exported by instruments and by a producer, if the group is on', async () => {
    setUp();
    add({ name: 'f', rule: 'a', hits: 4, calls: [{ name: 'gg', rule: 'a', hits: 5 }] });
    const observed: Observed = {
      accounts,
      groups: options.groups,
      droppedWindows: () => new Map<string, number>(),
    };
    const reader = new TestReader();
    const provider = new MeterProvider({ readers: [reader] });
    registerInstruments(provider.getMeter('test'), observed);
    const values = await reader.values();
    const series = '{code.file.path=/a b.js,code.function.name=f,code.line.number=1,rulescope.rule.id=a}'; // prettier-ignore
    assertClose(values.get(`rulescope.rule.function.cpu.time${series}`), 0.04);
    assertClose(values.get(`rulescope.rule.function.cpu.cumulative_time${series}`), 0.09);
    await provider.shutdown();
    const moment = { epochMillis: 0, monotonicMillis: 0 };
    const produced = new ProducedMetrics(observed, new CloseDurations(), moment).collect(moment);
    const points = produced.find(({ descriptor }) => descriptor.name.endsWith('cumulative_time'));
    assert.deepEqual(points?.dataPoints.map(({ value }) => +(value as number).toFixed(6)), [0.05, 0.09]); // prettier-ignore
  });

  it('keeps nothing of 1,000 workers that had one window each', () => {
    setUp();
    add({ name: 'f', rule: 'a', hits: 1 });
    for (let threadId = 1; threadId <= 1_000; threadId++) {
      addOf(threadId, { name: 'f', rule: 'a', hits: 1 });
    }
    assert.deepEqual(figures(), { 'a f': [1_001, 1_001] });
    const [f] = accounts.functions!.since(0);
    assert.equal(f!.usage, 0);
  });

  it('is not there if the group is off', () => {
    assert.equal(createAccounts(resolveSeriesOptions({}), 1).functions, undefined);
    assert.notEqual(createAccounts(resolveSeriesOptions(ON, OF_PRODUCER), 1).functions, undefined);
  });
});
