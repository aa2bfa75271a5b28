import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

const WORK = require.resolve('../support/workers/work');

/**
 * In each round, `a` and `b` share six units of work 2:1, and each has one unit of its own. All
 * units are turns of the loop, so that all bursts have one length. A worker does nothing but shared
 * work. Prints all metrics, the CPU that the kernel counted meanwhile, and the samples of a
 * profile.
 */
const APP = `
  const { attributeCpu, sharedCollector } = require('@rulescope/profiler');
  const { toPprof } = require('@rulescope/profiler/pprof');
  const { once } = require('node:events');
  const { Profile } = require('pprof-format');
  const { RuleInstrumentation, RuleMetrics, shareRule, withLabels, withRule } = require('rulescope');
  const { nextTurn, work } = require(${JSON.stringify(WORK)});

  // With 300 hits, the error bars are narrow enough to see a wrong share.
  const ENOUGH_HITS = 300;
  const MAX_ROUNDS = 5_000;

  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  const collector = sharedCollector();
  const hits = {};
  registerManager();
  new RuleInstrumentation();
  new RuleMetrics({ samplingIntervalMicros: 1_009, windowMillis: 500 }).setMeterProvider(provider);
  let used = process.cpuUsage();
  collector.addConsumer('test', (window) => {
    for (const [rule, share] of attributeCpu(window, 'rule').labels)
      hits[rule] = (hits[rule] ?? 0) + share.hits;
  });

  const worker = new Worker(\`
    const { RuleInstrumentation, shareRule } = require('rulescope');
    const { work } = require(${JSON.stringify(WORK)});
    new RuleInstrumentation();
    const turn = () => shareRule({ w1: 3, w2: 1 }, () => work(1));
    const timer = setInterval(turn, 10);
    require('node:worker_threads').parentPort.once('message', () => clearInterval(timer));
  \`, { eval: true });

  const unit = async () => { await nextTurn(); work(1); };
  const decode = () => withLabels({ stage: 'decode' }, async () => {
    for (let i = 0; i < 6; i++) await unit();
  });
  const round = async () => {
    await shareRule({ a: 2, b: 1 }, decode);
    await withRule('a', unit);
    await withRule('b', unit);
  };
  const enough = () => hits.b >= ENOUGH_HITS && hits.w2 >= 1;

  (async () => {
    const span = collector.openSpan();
    for (let rounds = 0; rounds < MAX_ROUNDS && !enough(); rounds++) await round();
    const profile = Profile.decode(toPprof(span.close()).encode());
    const text = (index) => profile.stringTable.strings[Number(index)];
    const samples = profile.sample.map(({ label, value }) => ({
      labels: Object.fromEntries(label.map(({ key, str }) => [text(key), text(str)])),
      values: value.map(Number),
    }));
    worker.postMessage('end');
    await once(worker, 'exit');
    await provider.forceFlush();
    used = process.cpuUsage(used);
    const { resourceMetrics } = await reader.collect();
    const metrics = {};
    for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap((s) => s.metrics)) {
      const points = dataPoints.map(({ attributes, value }) => [Object.values(attributes)[0], value]);
      metrics[descriptor.name] = Object.fromEntries(points);
    }
    json({ metrics, used: (used.user + used.system) / 1e6, samples });
    process.exit();
  })();
`;

interface Found {
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly used: number;
  readonly samples: readonly { labels: Record<string, string>; values: number[] }[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);

function assertWithin(actual: number, expected: number, tolerance: number, what: string): void {
  const text = `${what}: ${actual}, expected ${expected} ± ${tolerance}`;
  assert.ok(Math.abs(actual - expected) <= tolerance, text);
}

describe('shareRule', () => {
  let found: Found;
  let cpu: Readonly<Record<string, number>>;
  before(async () => {
    found = (await runProgram(APP)).json[0] as Found;
    cpu = found.metrics['rulescope.rule.cpu.time']!;
  });

  // Of eight units, `a` has 6 * 2/3 + 1 and `b` has 6 * 1/3 + 1: 5 to 3. Equal work costs equal CPU
  // to within some percent. Four standard errors fail less than 1 run in 15,000.
  it('gives each rule its part of shared work beside its own work, within its error bars', () => {
    // What one rule has too much of shared work, the other has too, so the variance of the
    // difference is smaller than this one, which is that of independent rules.
    const variance = found.metrics['rulescope.rule.cpu.variance']!;
    const error = Math.sqrt(9 * variance['a']! + 25 * variance['b']!);
    assertWithin(3 * cpu['a']!, 5 * cpu['b']!, 4 * error + 0.05 * 3 * cpu['a']!, '3 a');
  });

  it('gives each rule its part of the samples', () => {
    // On a busy machine the error bars are wide, but bursts of one length are hit alike. With
    // shared samples S and own ones A and B, `3 a - 5 b` is S/3 + 3 A - 5 B. Its expected value is
    // 0, so its variance is at most S/9 + 9 A + 25 B.
    const { a, b } = found.metrics['rulescope.rule.cpu.samples'] as { a: number; b: number };
    const error = Math.sqrt(((6 / 9 + 9 + 25) / 8) * (a + b));
    assertWithin(3 * a, 5 * b, 4 * error + 0.05 * 3 * a, '3 a');
    assert.ok(error < 0.06 * 3 * a, `the error of 3 a = ${3 * a} is ${error}`);
  });

  it('divides work of a worker exactly, as nothing else in it has a rule', () => {
    assertWithin(cpu['w1']!, 3 * cpu['w2']!, 1e-9, 'w1');
    const samples = found.metrics['rulescope.rule.cpu.samples']!;
    assertWithin(samples['w1']!, 3 * samples['w2']!, 1e-6, 'samples of w1');
    const errors = found.metrics['rulescope.rule.cpu.variance']!;
    assertWithin(Math.sqrt(errors['w1']!), 3 * Math.sqrt(errors['w2']!), 1e-9, 'error of w1');
  });

  it('leaves the books closed', () => {
    const sources = found.metrics['rulescope.process.cpu.time']!;
    assertWithin(sum(Object.values(cpu)), sources['rule']!, 1e-9, 'sum of all rules');
    // Exact except for the CPU since the last boundary and between two readings at the start.
    const total = sum(Object.values(sources));
    assertWithin(total, found.used, 0.01 * found.used + 0.02, 'sum of all sources');
  });

  it('has a sample for each rule in a profile, whose sums are divided by weight', () => {
    const sums = (rule: string, stage?: string): number[] =>
      found.samples
        .filter(({ labels }) => labels['rule'] === rule && labels['stage'] === stage)
        .reduce((total, { values }) => total.map((value, i) => value + values[i]!), [0, 0, 0]);
    const [a, b] = [sums('a', 'decode'), sums('b', 'decode')];
    // Samples and nanoseconds are whole numbers. What a part lacks for its share is carried on.
    b.forEach((value, i) => assertWithin(a[i]!, 2 * value, 3, `value ${i} of a`));
    assert.ok(b[0]! > 50, `${b[0]} samples of shared work`);
    assert.ok(sums('a')[0]! > 0 && sums('b')[0]! > 0, 'own work');
    for (const { labels } of found.samples)
      assert.equal(labels['stage'] === 'decode' && labels['rule'] === undefined, false);
  });
});
