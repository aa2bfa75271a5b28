import assert from 'node:assert/strict';
import { createNoopMeter } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  InstrumentType,
  MeterProvider,
} from '@opentelemetry/sdk-metrics';
import type { SamplerSupport } from '@rulescope/profiler';
import { RuleAccounts } from '../src/RuleAccounts';
import { type MetricGroups, resolveGroups } from '../src/groups';
import type { Observed } from '../src/observe';
import { type Instruments, registerInstruments } from '../src/registerInstruments';
import { Random } from './support/Random';
import { TestReader } from './support/TestReader';
import { assertClose } from './support/assertClose';
import { optionsOf } from './support/optionsOf';
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

const OTHER_SAMPLES =
  'rulescope.rule.cpu.samples{rulescope.rule.id=other,rulescope.rule.other=true}';

const windowSeries = (outcome: string, contended: boolean): string =>
  `rulescope.windows{rulescope.window.contended=${contended},rulescope.window.outcome=${outcome}}`;

const isGauge = (series: string): boolean => /usage|standard_error/.test(series);

describe('registerInstruments', () => {
  let accounts: RuleAccounts;
  let dropped: ReadonlyMap<string, number>;
  let cumulative: TestReader;
  let delta: TestReader;
  let provider: MeterProvider;
  let instruments: Instruments;

  function setUp(limits = LIMITS): void {
    accounts = new RuleAccounts(optionsOf(limits), 1);
    dropped = new Map();
    cumulative = new TestReader();
    delta = new TestReader(AggregationTemporality.DELTA);
    provider = new MeterProvider({ readers: [cumulative, delta] });
    instruments = registerInstruments(provider.getMeter('test'), observed())!;
  }

  const observed = (groups?: MetricGroups): Observed => ({
    accounts,
    groups: resolveGroups('metrics', groups),
    droppedWindows: () => dropped,
  });

  beforeEach(() => setUp());
  afterEach(() => provider.shutdown());

  it('waits for what a collection must include, and shows a usage of 0 after the end of sampling', async () => {
    await provider.shutdown();
    const reader = new TestReader();
    provider = new MeterProvider({ readers: [reader] });
    let work: Promise<void> | undefined;
    registerInstruments(provider.getMeter('test'), observed(), () => work);
    const time = 'rulescope.rule.cpu.time{rulescope.rule.id=a}';
    const usage = 'rulescope.rule.cpu.usage{rulescope.rule.id=a}';
    work = Promise.resolve().then(() => void accounts.add(windowOf({ rules: { a: 10 } })));
    let values = await reader.values();
    assert.deepEqual([values.get(time), values.get(usage)], [0.1, 0.1]);
    work = undefined;
    accounts.samplingStopped();
    values = await reader.values();
    assert.deepEqual([values.get(time), values.get(usage)], [0.1, 0]);
  });

  const groupOf = (name: string) => /^rulescope\.(rule|process)\./.exec(name)?.[1] ?? 'profiler';
  for (const group of ['rule', 'process', 'profiler'] as const) {
    it(`creates no instrument of the group ${group} if it is off`, async () => {
      await provider.shutdown();
      const reader = new TestReader();
      provider = new MeterProvider({ readers: [reader] });
      const meter = provider.getMeter('test');
      const made = registerInstruments(meter, observed({ [group]: false }))!;
      accounts.add(windowOf({ rules: { a: 1 }, quality: 1 }));
      accounts.samplerStates.update(SUPPORT);
      dropped = new Map([['c', 0]]);
      made.recordCloseDuration(0.002);
      const [scope] = (await reader.resourceMetrics()).scopeMetrics;
      const names = (scope?.metrics ?? []).map(({ descriptor }) => groupOf(descriptor.name));
      const others = ['rule', 'process', 'profiler'].filter((name) => name !== group);
      assert.deepEqual([...new Set(names)].sort(), others.sort());
    });
  }

  it('finds a no-op meter with any group alone', () => {
    for (const group of ['rule', 'process', 'profiler'] as const) {
      const off = { rule: false, process: false, profiler: false };
      const found = registerInstruments(createNoopMeter(), observed({ ...off, [group]: true }));
      assert.equal(found, undefined);
    }
  });

  it('creates the documented instruments: names, units and kinds', async () => {
    accounts.add(windowOf({ rules: { a: 1 }, quality: 1 }));
    accounts.samplerStates.update(SUPPORT);
    dropped = new Map([['c', 0]]);
    instruments.recordCloseDuration(0.002);
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
      ['rulescope.consumer.dropped_windows', '{window}', 'counter', false],
      ['rulescope.process.cpu.time', 's', 'counter', false],
      ['rulescope.process.cpu.usage', '{cpu}', 'gauge', false],
      ['rulescope.rule.cpu.samples', '{sample}', 'counter', false],
      ['rulescope.rule.cpu.standard_error', '{cpu}', 'gauge', false],
      ['rulescope.rule.cpu.time', 's', 'counter', false],
      ['rulescope.rule.cpu.usage', '{cpu}', 'gauge', false],
      ['rulescope.rule.cpu.variance', 's2', 'counter', false],
      ['rulescope.sampler.info', '{sampler}', 'gauge', false],
      ['rulescope.sampler.quality', '1', 'gauge', false],
      ['rulescope.window.close.duration', 's', 'histogram', false],
      ['rulescope.windows', '{window}', 'counter', false],
    ]);
  });

  it('reports zero for every source and kind of window before the first window', async () => {
    assert.deepEqual(
      await cumulative.values(),
      new Map([
        ...['rule', 'unlabeled', 'gc', 'runtime', 'other_threads'].map(
          (source) => [`rulescope.process.cpu.time{rulescope.cpu.source=${source}}`, 0] as const,
        ),
        ...['rule', 'unlabeled', 'gc', 'runtime', 'other_threads'].map(
          (source) => [`rulescope.process.cpu.usage{rulescope.cpu.source=${source}}`, 0] as const,
        ),
        ...['complete', 'incomplete', 'failed'].flatMap((outcome) =>
          [false, true].map((contended) => [windowSeries(outcome, contended), 0] as const),
        ),
      ]),
    );
  });

  it('reports the accounts unchanged', async () => {
    accounts.add(
      windowOf({
        rules: { a: 20, b: 10 },
        unlabeled: 5,
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
      'rulescope.rule.cpu.time{rulescope.rule.id=a}': 0.9,
      'rulescope.rule.cpu.time{rulescope.rule.id=b}': 0.2,
      'rulescope.rule.cpu.usage{rulescope.rule.id=a}': 0.5,
      'rulescope.rule.cpu.usage{rulescope.rule.id=b}': 0,
      'rulescope.rule.cpu.samples{rulescope.rule.id=a}': 30,
      'rulescope.rule.cpu.samples{rulescope.rule.id=b}': 10,
      'rulescope.process.cpu.time{rulescope.cpu.source=rule}': 1.1,
      'rulescope.process.cpu.time{rulescope.cpu.source=unlabeled}': 0.1,
      'rulescope.process.cpu.time{rulescope.cpu.source=gc}': 0.08,
      'rulescope.process.cpu.time{rulescope.cpu.source=runtime}': 0.02,
      'rulescope.process.cpu.time{rulescope.cpu.source=other_threads}': 0.1,
      'rulescope.process.cpu.usage{rulescope.cpu.source=rule}': 0.5,
      'rulescope.process.cpu.usage{rulescope.cpu.source=unlabeled}': 0,
      'rulescope.process.cpu.usage{rulescope.cpu.source=gc}': 0,
      'rulescope.process.cpu.usage{rulescope.cpu.source=runtime}': 0,
      'rulescope.process.cpu.usage{rulescope.cpu.source=other_threads}': 0,
      'rulescope.rule.cpu.variance{rulescope.rule.id=a}': a.variance,
      'rulescope.rule.cpu.variance{rulescope.rule.id=b}': b.variance,
      'rulescope.rule.cpu.standard_error{rulescope.rule.id=a}': a.standardError,
      'rulescope.rule.cpu.standard_error{rulescope.rule.id=b}': 0,
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

  it('reports 0 for a state that the sampler left', async () => {
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

  it('marks the bucket of other rules with a boolean, apart from a rule called other', async () => {
    accounts.add(windowOf({ rules: { other: 20, b: 10, c: 5, d: 2 } }));
    const values = await cumulative.values();
    const samples = [...values].filter(([series]) =>
      series.startsWith('rulescope.rule.cpu.samples'),
    );
    assert.deepEqual(
      new Map(samples),
      new Map([
        ['rulescope.rule.cpu.samples{rulescope.rule.id=other}', 20],
        ['rulescope.rule.cpu.samples{rulescope.rule.id=b}', 10],
        [OTHER_SAMPLES, 7],
      ]),
    );
    const [scope] = (await cumulative.resourceMetrics()).scopeMetrics;
    const marks = scope!.metrics.flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes }) => attributes['rulescope.rule.other']),
    );
    assert.deepEqual(new Set(marks), new Set([undefined, true]));
  });

  it('collecting changes nothing: each reader gets the same values, however often', async () => {
    accounts.add(windowOf({ rules: { a: 20, b: 10, c: 5 }, gc: 3, otherThreadsSeconds: 0.3 }));
    dropped = new Map([['slow', 3]]);
    const first = await cumulative.values();
    assert.ok(first.size > 15);
    await delta.values();
    assert.deepEqual(await cumulative.values(), first);
    assert.deepEqual(await cumulative.values(), first);
  });

  it('two readers that take turns both get all values', async () => {
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
    assert.equal(all.get('rulescope.rule.cpu.samples{rulescope.rule.id=b}'), 60);
  });

  it('a rule that retires and returns continues, for cumulative and for delta readers', async () => {
    const SERIES = 'rulescope.rule.cpu.samples{rulescope.rule.id=a}';
    accounts.add(windowOf({ rules: { a: 20 } }));
    assert.equal((await cumulative.values()).get(SERIES), 20);
    assert.equal((await delta.values()).get(SERIES), 20);
    for (let i = 0; i < 3; i++) accounts.add(windowOf({ unlabeled: 1 }));
    assert.ok(!accounts.series.rules.has('a'));
    assert.equal((await cumulative.values()).get(SERIES), 20);
    // Without new hits the series is absent or zero.
    assert.equal((await delta.values()).get(SERIES) ?? 0, 0);
    accounts.add(windowOf({ rules: { a: 5 } }));
    assert.equal((await cumulative.values()).get(SERIES), 25);
    assert.equal((await delta.values()).get(SERIES), 5);
  });

  it('the CPU of a rule that ended before any collection reaches every reader', async () => {
    accounts.add(windowOf({ rules: { a: 1, b: 2 } }));
    accounts.add(windowOf({ rules: { b: 2, c: 90 } }));
    assert.ok(!accounts.series.rules.has('a'));
    for (const reader of [delta, cumulative]) {
      const values = await reader.values();
      assert.equal(values.get('rulescope.rule.cpu.samples{rulescope.rule.id=a}'), 1);
      assert.equal(values.get('rulescope.rule.cpu.usage{rulescope.rule.id=a}'), 0);
    }
    assert.equal((await delta.values()).get('rulescope.rule.cpu.usage{rulescope.rule.id=a}'), undefined); // prettier-ignore
  });

  describe('in random histories', () => {
    const { CUMULATIVE, DELTA } = AggregationTemporality;
    /** Gives the gauges of a reader a storage of their own in the SDK. */
    const ownStorage = {
      aggregationSelector: (type: InstrumentType) =>
        type === InstrumentType.OBSERVABLE_GAUGE
          ? ({ type: AggregationType.LAST_VALUE } as const)
          : ({ type: AggregationType.DEFAULT } as const),
    };

    for (let seed = 1; seed <= 12; seed++) {
      it(`no reader sees a usage of a rule that has ended, and none misses CPU (seed ${seed})`, async () => {
        await provider.shutdown();
        const random = new Random(seed);
        accounts = new RuleAccounts(
          optionsOf({
            maxActiveSeries: 3,
            maxLifetimeSeries: 9,
            retireAfterWindows: 1 + random.below(3),
          }),
          1,
        );
        const readers = [CUMULATIVE, CUMULATIVE, DELTA, DELTA].map((temporality, i) => ({
          reader: new TestReader(temporality, i % 2 === 0 ? {} : ownStorage),
          /** The sum over all collections of a delta reader, the last one of a cumulative reader. */
          samples: new Map<string, number>(),
          temporality,
        }));
        provider = new MeterProvider({ readers: readers.map(({ reader }) => reader) });
        registerInstruments(provider.getMeter('test'), observed());

        const collect = async ({ reader, samples, temporality }: (typeof readers)[number]) => {
          for (const [series, value] of await reader.values()) {
            const [, name, id] = /^rulescope.rule.cpu.(\w+)\{rulescope.rule.id=(r\d+)\}$/.exec(series) ?? []; // prettier-ignore
            const figures = accounts.series.rules.get(id ?? '');
            if (name === 'usage') assertClose(value, figures?.usage ?? 0);
            if (name === 'standard_error') assertClose(value, figures?.standardError ?? 0);
            if (!series.startsWith('rulescope.rule.cpu.samples')) continue;
            const before = temporality === DELTA ? (samples.get(series) ?? 0) : 0;
            samples.set(series, before + value);
          }
        };

        let hits = 0;
        const now = () => windowOf({ workers: 1, startMillis: step * 1_000 });
        let step = 0;
        for (; step < 120; step++) {
          const rules: Record<string, number> = {};
          for (let n = random.below(4); n > 0; n--) {
            rules[`r${random.below(12)}`] = 1 + random.below(random.below(4) === 0 ? 90 : 9);
          }
          const threadId = random.below(3);
          accounts.add(windowOf({ rules, threadId, workers: 2, startMillis: step * 1_000 }));
          if (threadId > 0 && random.below(2) === 0) accounts.add(now());
          for (const count of Object.values(rules)) hits += count;
          if (random.below(20) === 0) accounts.samplingStopped();
          // The readers collect at very different times.
          for (const [i, each] of readers.entries()) {
            if (random.below(2 + i * 8) === 0) await collect(each);
          }
        }
        for (const each of readers) {
          await collect(each);
          const sum = [...each.samples.values()].reduce((total, count) => total + count, 0);
          assert.equal(sum, hits);
        }
        assert.ok(accounts.series.endings > 5, `${accounts.series.endings} rules have ended`);
      });
    }
  });

  it('reports the dropped windows by the name of the consumer', async () => {
    dropped = new Map([
      ['slow', 7],
      ['a"b\n', 0],
    ]);
    const values = await cumulative.values();
    assert.equal(values.get('rulescope.consumer.dropped_windows{rulescope.consumer.name=slow}'), 7);
    assert.equal(
      values.get('rulescope.consumer.dropped_windows{rulescope.consumer.name=a"b\n}'),
      0,
    );
  });

  it('records each close duration once, in buckets from 0.5 ms to 0.5 s', async () => {
    for (const seconds of [0.0004, 0.003, 0.004, 0.6]) instruments.recordCloseDuration(seconds);
    const [scope] = (await cumulative.resourceMetrics()).scopeMetrics;
    const closings = scope?.metrics.find(
      ({ descriptor }) => descriptor.name === 'rulescope.window.close.duration',
    );
    assert.ok(closings?.dataPointType === DataPointType.HISTOGRAM);
    const [{ value } = assert.fail()] = closings.dataPoints;
    assert.deepEqual(value.buckets, {
      boundaries: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
      counts: [1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1],
    });
    assertClose(value.sum, 0.6074);
  });

  it('a no-op meter gets no instruments', () => {
    const found = registerInstruments(createNoopMeter(), observed());
    assert.equal(found, undefined);
  });

  it('unregister ends the observations', async () => {
    accounts.add(windowOf({ rules: { a: 1 } }));
    await delta.values();
    instruments.unregister();
    accounts.add(windowOf({ rules: { a: 1 } }));
    instruments.unregister();
    assert.deepEqual(await delta.values(), new Map());
  });

  it('never reaches the limit beyond which an SDK puts all series into one', async () => {
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
    const samples = [...values].filter(([series]) =>
      series.startsWith('rulescope.rule.cpu.samples'),
    );
    assert.equal(samples.length, 1_901);
    assert.equal(values.get(OTHER_SAMPLES), 2_100);
  });

  describe('in the exposition format of Prometheus', () => {
    const HOSTILE = [
      '',
      'a"b\n',
      '\\',
      '\\n',
      '"} 1\nrulescope_rule_cpu_time_total{rulescope_rule_id="forged"} 99',
      '{}',
      '# HELP',
      '\r\n',
      '\u2028',
      '😀',
      '__proto__',
      'constructor',
      'x'.repeat(5_000),
    ];

    it('has the names that the README lists', async () => {
      accounts.add(windowOf({ rules: { a: 3, b: 2, c: 1 }, quality: 1 }));
      accounts.samplerStates.update(SUPPORT);
      dropped = new Map([['c', 0]]);
      instruments.recordCloseDuration(0.002);
      const text = new PrometheusSerializer().serialize(await cumulative.resourceMetrics());
      const types = [...text.matchAll(/^# TYPE (rulescope_\w+) (\w+)$/gm)];
      assert.deepEqual(types.map(([, name, type]) => `${name} ${type}`).sort(), [
        'rulescope_consumer_dropped_windows_total counter',
        'rulescope_process_cpu_time_total counter',
        'rulescope_process_cpu_usage gauge',
        'rulescope_rule_cpu_samples_total counter',
        'rulescope_rule_cpu_standard_error gauge',
        'rulescope_rule_cpu_time_total counter',
        'rulescope_rule_cpu_usage gauge',
        'rulescope_rule_cpu_variance_total counter',
        'rulescope_sampler_info gauge',
        'rulescope_sampler_quality gauge',
        'rulescope_window_close_duration histogram',
        'rulescope_windows_total counter',
      ]);
      assert.match(
        text,
        /^rulescope_rule_cpu_time_total\{rulescope_rule_id="other",rulescope_rule_other="true",/m,
      );
    });

    it('keeps hostile rule ids on one line per series, and they can be read back', async () => {
      await provider.shutdown();
      setUp({ maxActiveSeries: 50, maxLifetimeSeries: 50, retireAfterWindows: 3 });
      accounts.add(windowOf({ rules: new Map(HOSTILE.map((id, i) => [id, i + 1])) }));
      dropped = new Map(HOSTILE.map((name) => [name, 1]));
      const text = new PrometheusSerializer().serialize(await cumulative.resourceMetrics());
      const parsed = parseExposition(text);
      const hits = parsed.filter(({ name }) => name === 'rulescope_rule_cpu_samples_total');
      assert.deepEqual(
        new Map(
          hits.map(({ labels, value }) => {
            // The rule '' counts for the other rules: Prometheus takes it for no rule.
            const isOther = labels.get('rulescope_rule_other') === 'true';
            return [isOther ? '' : labels.get('rulescope_rule_id'), value];
          }),
        ),
        new Map(HOSTILE.map((id, i) => [id, i + 1])),
      );
      const found = parsed.filter(
        ({ name }) => name === 'rulescope_consumer_dropped_windows_total',
      );
      assert.deepEqual(
        found.map(({ labels }) => labels.get('rulescope_consumer_name')),
        HOSTILE,
      );
      for (const name of ['rulescope_rule_cpu_time_total', 'rulescope_rule_cpu_usage']) {
        assert.equal(parsed.filter((line) => line.name === name).length, HOSTILE.length);
      }
    });

    it('the parser of this test detects a forged line', () => {
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
 * Reads the text format by its grammar.
 *
 * @throws on any line that is not exactly one sample or a comment.
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
