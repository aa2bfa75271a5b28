import assert from 'node:assert/strict';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, DataPointType, MeterProvider } from '@opentelemetry/sdk-metrics';
import type { SamplerSupport } from '@rulescope/profiler';
import { RuleAccounts } from '../src/RuleAccounts';
import {
  type ConsumerList,
  type Instruments,
  registerInstruments,
} from '../src/registerInstruments';
import { TestReader } from './support/TestReader';
import { assertClose } from './support/assertClose';
import { windowOf } from './support/windowOf';

const LIMITS = { maxActiveSeries: 2, maxLifetimeSeries: 10, retireAfterWindows: 3 };

const SUPPORT: SamplerSupport = {
  supported: true,
  reason: undefined,
  asyncContextFrame: true,
  fairness: { fair: true, slice: 'applied', reason: undefined },
};
const INFO =
  'rulescope.sampler.info{rulescope.sampler.context=async_context_frame,' +
  'rulescope.sampler.fair=true,rulescope.sampler.slice=applied}';

const windowSeries = (outcome: string, contended: boolean): string =>
  `rulescope.windows{rulescope.window.contended=${contended},rulescope.window.outcome=${outcome}}`;

const isGauge = (series: string): boolean => /utilization|standard_error/.test(series);

describe('registerInstruments', () => {
  let accounts: RuleAccounts;
  let consumers: ReturnType<ConsumerList>;
  let cumulative: TestReader;
  let delta: TestReader;
  let provider: MeterProvider;
  let instruments: Instruments;

  function setUp(limits = LIMITS): void {
    accounts = new RuleAccounts(limits, 1);
    consumers = [];
    cumulative = new TestReader();
    delta = new TestReader(AggregationTemporality.DELTA);
    provider = new MeterProvider({ readers: [cumulative, delta] });
    instruments = registerInstruments(provider.getMeter('test'), accounts, () => consumers);
  }

  beforeEach(() => setUp());
  afterEach(() => provider.shutdown());

  it('creates the documented instruments: name, unit, kind', async () => {
    accounts.add(windowOf({ rules: { a: 1 }, quality: 1 }));
    accounts.samplerStates.update(SUPPORT);
    consumers = [{ name: 'c', dropped: 0 }];
    instruments.recordPause(0.002);
    const [scope] = (await cumulative.resourceMetrics()).scopeMetrics;
    const found = (scope?.metrics ?? []).map((metric) => [
      metric.descriptor.name,
      metric.descriptor.unit,
      metric.dataPointType === DataPointType.SUM
        ? metric.isMonotonic && 'counter'
        : metric.dataPointType === DataPointType.GAUGE
          ? 'gauge'
          : metric.dataPointType === DataPointType.HISTOGRAM && 'histogram',
      metric.descriptor.description === '',
    ]);
    assert.deepEqual(found.sort(), [
      ['rule.cpu.samples', '{sample}', 'counter', false],
      ['rule.cpu.time', 's', 'counter', false],
      ['rule.cpu.utilization', '1', 'gauge', false],
      ['rulescope.consumer.dropped', '{window}', 'counter', false],
      ['rulescope.cpu.time', 's', 'counter', false],
      ['rulescope.cpu.utilization', '1', 'gauge', false],
      ['rulescope.pause', 's', 'histogram', false],
      ['rulescope.rule.cpu.standard_error', '{cpu}', 'gauge', false],
      ['rulescope.rule.cpu.variance', 's2', 'counter', false],
      ['rulescope.sampler.info', '{sampler}', 'gauge', false],
      ['rulescope.sampler.quality', '1', 'gauge', false],
      ['rulescope.windows', '{window}', 'counter', false],
    ]);
  });

  it('says zero for every known source and kind of window before the first one', async () => {
    assert.deepEqual(
      await cumulative.values(),
      new Map([
        ...['rule', 'unlabelled', 'gc', 'runtime', 'other_threads'].map(
          (source) => [`rulescope.cpu.time{rulescope.cpu.source=${source}}`, 0] as const,
        ),
        ...['rule', 'unlabelled', 'gc', 'runtime', 'other_threads'].map(
          (source) => [`rulescope.cpu.utilization{rulescope.cpu.source=${source}}`, 0] as const,
        ),
        ...['complete', 'incomplete', 'failed'].flatMap((outcome) =>
          [false, true].map((contended) => [windowSeries(outcome, contended), 0] as const),
        ),
      ]),
    );
  });

  it('hands the accounts over as they are', async () => {
    accounts.add(
      windowOf({
        rules: { a: 20, b: 10 },
        unlabelled: 5,
        gc: 4,
        runtime: 1,
        threadSeconds: 0.8,
        otherThreadsSeconds: 0.1,
        durationMillis: 2_000,
      }),
    );
    const last = windowOf({
      rules: { a: 10 },
      threadSeconds: 0.5,
      complete: false,
      contended: true,
      quality: 1.5,
    });
    accounts.add(last);
    accounts.samplerStates.update(SUPPORT);
    const values = await cumulative.values();
    const { a, b } = Object.fromEntries(accounts.series.rules);
    assert.ok(a !== undefined && b !== undefined && a.variance > 0 && b.variance > 0);
    assert.ok(a.standardError >= 0);
    const expected: Record<string, number> = {
      'rule.cpu.time{rule.id=a}': 0.9,
      'rule.cpu.time{rule.id=b}': 0.2,
      'rule.cpu.utilization{rule.id=a}': 0.5,
      'rule.cpu.utilization{rule.id=b}': 0,
      'rule.cpu.samples{rule.id=a}': 30,
      'rule.cpu.samples{rule.id=b}': 10,
      'rulescope.cpu.time{rulescope.cpu.source=rule}': 1.1,
      'rulescope.cpu.time{rulescope.cpu.source=unlabelled}': 0.1,
      'rulescope.cpu.time{rulescope.cpu.source=gc}': 0.08,
      'rulescope.cpu.time{rulescope.cpu.source=runtime}': 0.02,
      'rulescope.cpu.time{rulescope.cpu.source=other_threads}': 0.1,
      'rulescope.cpu.utilization{rulescope.cpu.source=rule}': 0.5,
      'rulescope.cpu.utilization{rulescope.cpu.source=unlabelled}': 0,
      'rulescope.cpu.utilization{rulescope.cpu.source=gc}': 0,
      'rulescope.cpu.utilization{rulescope.cpu.source=runtime}': 0,
      'rulescope.cpu.utilization{rulescope.cpu.source=other_threads}': 0,
      'rulescope.rule.cpu.variance{rule.id=a}': a.variance,
      'rulescope.rule.cpu.variance{rule.id=b}': b.variance,
      'rulescope.rule.cpu.standard_error{rule.id=a}': a.standardError,
      'rulescope.rule.cpu.standard_error{rule.id=b}': 0,
      [windowSeries('complete', false)]: 1,
      [windowSeries('complete', true)]: 0,
      [windowSeries('incomplete', false)]: 0,
      [windowSeries('incomplete', true)]: 1,
      [windowSeries('failed', false)]: 0,
      [windowSeries('failed', true)]: 0,
      'rulescope.sampler.quality{}': 1.5,
      [INFO]: 1,
    };
    assert.deepEqual([...values.keys()].sort(), Object.keys(expected).sort());
    for (const [series, value] of Object.entries(expected)) assertClose(values.get(series), value);
  });

  it('keeps a state that the sampler left, with 0', async () => {
    accounts.samplerStates.update(SUPPORT);
    accounts.samplerStates.update({
      ...SUPPORT,
      fairness: { fair: false, slice: undefined, reason: new Error('none') },
    });
    const infos = [...(await cumulative.values())].filter(([series]) =>
      series.startsWith('rulescope.sampler.info'),
    );
    assert.deepEqual(infos, [
      [INFO, 0],
      [
        'rulescope.sampler.info{rulescope.sampler.context=async_context_frame,' +
          'rulescope.sampler.fair=false}',
        1,
      ],
    ]);
  });

  it('marks the bucket of others, so that a rule called other stays itself', async () => {
    accounts.add(windowOf({ rules: { other: 20, b: 10, c: 5, d: 2 } }));
    const values = await cumulative.values();
    const times = [...values].filter(([series]) => series.startsWith('rule.cpu.samples'));
    assert.deepEqual(
      new Map(times),
      new Map([
        ['rule.cpu.samples{rule.id=other}', 20],
        ['rule.cpu.samples{rule.id=b}', 10],
        ['rule.cpu.samples{rule.id=other,rulescope.other=true}', 7],
      ]),
    );
  });

  it('only reads: whoever collects, and how often, gets the same numbers', async () => {
    accounts.add(windowOf({ rules: { a: 20, b: 10, c: 5 }, gc: 3, otherThreadsSeconds: 0.3 }));
    consumers = [{ name: 'slow', dropped: 3 }];
    const first = await cumulative.values();
    assert.ok(first.size > 15);
    await delta.values();
    assert.deepEqual(await cumulative.values(), first);
    assert.deepEqual(await cumulative.values(), first);
  });

  it('gives each of two readers all of it, however they take turns', async () => {
    const sums = new Map<string, number>();
    const collectDelta = async (): Promise<void> => {
      for (const [series, value] of await delta.values()) {
        if (!isGauge(series)) sums.set(series, (sums.get(series) ?? 0) + value);
      }
    };
    for (let i = 1; i <= 30; i++) {
      accounts.add(windowOf({ rules: { a: 1 + (i % 3), b: 2, [`job ${i}`]: 1 }, gc: i % 2 }));
      if (i % 2 === 0) await collectDelta();
      if (i % 3 === 0) await cumulative.values();
    }
    await collectDelta();
    const all = await cumulative.values();
    for (const series of all.keys()) if (isGauge(series)) all.delete(series);
    assert.deepEqual([...sums.keys()].sort(), [...all.keys()].sort());
    for (const [series, value] of all) assertClose(sums.get(series), value);
    assert.equal(all.get('rule.cpu.samples{rule.id=b}'), 60);
  });

  it('a rule that retires and returns goes on, for a cumulative and for a delta reader', async () => {
    const SERIES = 'rule.cpu.samples{rule.id=a}';
    accounts.add(windowOf({ rules: { a: 20 } }));
    assert.equal((await cumulative.values()).get(SERIES), 20);
    assert.equal((await delta.values()).get(SERIES), 20);
    for (let i = 0; i < 3; i++) accounts.add(windowOf({ unlabelled: 1 }));
    assert.ok(!accounts.series.rules.has('a'));
    assert.equal((await cumulative.values()).get(SERIES), 20);
    // Nothing is new: the series is absent or zero.
    assert.equal((await delta.values()).get(SERIES) ?? 0, 0);
    accounts.add(windowOf({ rules: { a: 5 } }));
    assert.equal((await cumulative.values()).get(SERIES), 25);
    assert.equal((await delta.values()).get(SERIES), 5);
  });

  it('says of a consumer how many windows it missed, summed over those of one name', async () => {
    consumers = [
      { name: 'slow', dropped: 3 },
      { name: 'slow', dropped: 4 },
      { name: 'a"b\n', dropped: 0 },
    ];
    const values = await cumulative.values();
    assert.equal(values.get('rulescope.consumer.dropped{rulescope.consumer=slow}'), 7);
    assert.equal(values.get('rulescope.consumer.dropped{rulescope.consumer=a"b\n}'), 0);
  });

  it('records each pause once, in buckets around a few milliseconds', async () => {
    for (const seconds of [0.0004, 0.003, 0.004, 0.2]) instruments.recordPause(seconds);
    const [scope] = (await cumulative.resourceMetrics()).scopeMetrics;
    const pause = scope?.metrics.find(({ descriptor }) => descriptor.name === 'rulescope.pause');
    assert.ok(pause?.dataPointType === DataPointType.HISTOGRAM);
    const [{ value } = assert.fail()] = pause.dataPoints;
    assert.deepEqual(value.buckets, {
      boundaries: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
      counts: [1, 0, 0, 2, 0, 0, 0, 0, 1],
    });
    assertClose(value.sum, 0.2074);
  });

  it('unregister() ends the observations', async () => {
    accounts.add(windowOf({ rules: { a: 1 } }));
    await delta.values();
    instruments.unregister();
    accounts.add(windowOf({ rules: { a: 1 } }));
    instruments.unregister();
    assert.deepEqual(await delta.values(), new Map());
  });

  it('stays clear of the limit past which an SDK puts all series in one', async () => {
    await provider.shutdown();
    setUp({ maxActiveSeries: 1_000, maxLifetimeSeries: 1_900, retireAfterWindows: 1 });
    let values = new Map<string, number>();
    for (let i = 0; i < 4; i++) {
      const rules = new Map(Array.from({ length: 1_000 }, (_, j) => [`job ${i * 1_000 + j}`, 1]));
      accounts.add(windowOf({ rules }));
      values = await cumulative.values();
      accounts.add(windowOf());
    }
    assert.deepEqual(
      [...values.keys()].filter((series) => series.includes('overflow')),
      [],
    );
    const samples = [...values].filter(([series]) => series.startsWith('rule.cpu.samples'));
    assert.equal(samples.length, 1_901);
    assert.equal(values.get('rule.cpu.samples{rule.id=other,rulescope.other=true}'), 2_100);
  });

  describe('in the exposition format of Prometheus', () => {
    const HOSTILE = [
      '',
      'a"b\n',
      '\\',
      '\\n',
      '"} 1\nrule_cpu_time_total{rule_id="forged"} 99',
      '{}',
      '# HELP',
      '\r\n',
      '\u2028',
      '😀',
      '__proto__',
      'constructor',
      'x'.repeat(5_000),
    ];

    it('hostile rule ids stay one line per series, and come back as they were', async () => {
      await provider.shutdown();
      setUp({ maxActiveSeries: 50, maxLifetimeSeries: 50, retireAfterWindows: 3 });
      accounts.add(windowOf({ rules: new Map(HOSTILE.map((id, i) => [id, i + 1])) }));
      consumers = HOSTILE.map((name) => ({ name, dropped: 1 }));
      const text = new PrometheusSerializer().serialize(await cumulative.resourceMetrics());
      const parsed = parseExposition(text);
      const hits = parsed.filter(({ name }) => name === 'rule_cpu_samples_total');
      assert.deepEqual(
        new Map(hits.map(({ labels, value }) => [labels.get('rule_id'), value])),
        new Map(HOSTILE.map((id, i) => [id, i + 1])),
      );
      const dropped = parsed.filter(({ name }) => name === 'rulescope_consumer_dropped_total');
      assert.deepEqual(
        dropped.map(({ labels }) => labels.get('rulescope_consumer')),
        HOSTILE,
      );
      for (const name of ['rule_cpu_time_total', 'rule_cpu_utilization']) {
        assert.equal(parsed.filter((line) => line.name === name).length, HOSTILE.length);
      }
    });

    it('the parser of this test does see a forged line', () => {
      assert.throws(() => parseExposition('a{b="c"d"} 1\n'));
      assert.throws(() => parseExposition('a{b="c\n"} 1\n'));
      assert.equal(parseExposition('a{b="c"} 1\na{b="d"} 2\n').length, 2);
    });
  });
});

interface Line {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/**
 * Reads the text format by its grammar. @throws on any line that is not exactly one sample or a
 * comment.
 */
function parseExposition(text: string): Line[] {
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !/^# (HELP|TYPE|UNIT) /.test(line));
  return lines.map((line) => {
    const match = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)*)\})? ([0-9.e+-]+)$/s.exec(
      line,
    );
    assert.ok(match, `not a sample: ${line}`);
    const labels = new Map<string, string>();
    for (const [, key, value] of (match[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gs)) {
      labels.set(
        key!,
        value!.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
      );
    }
    return { name: match[1]!, labels, value: Number(match[3]) };
  });
}
