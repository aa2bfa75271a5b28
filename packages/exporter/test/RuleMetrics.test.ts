import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  type Meter,
  context,
  createNoopMeter,
  diag,
  metrics,
  propagation,
  trace,
} from '@opentelemetry/api';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  InvalidOptionError,
  runWithLabels,
  samplerSupport,
  sharedCollector,
} from '@rulescope/profiler';
import { CollectorMetrics, RuleMetrics } from '../src/RuleMetrics';
import { type RuleMetricsConfig, resolveSeriesOptions } from '../src/options';
import { FakeCollector } from './support/FakeCollector';
import { TestReader } from './support/TestReader';
import { assertClose } from './support/assertClose';
import { burnCpu, cpuMillis } from './support/burnCpu';
import { windowOf } from './support/windowOf';

const SAMPLES = 'rulescope.rule.cpu.samples{rulescope.rule.id=a}';
const WINDOWS =
  'rulescope.windows{rulescope.window.contended=false,rulescope.window.outcome=complete}';
const NAME = '@rulescope/exporter';

/** The collector of this thread. Its windows take 10 minutes, so that only a test ends one. */
const shared = sharedCollector({ samplingIntervalMicros: 1_009, windowMillis: 600_000 });

describe('RuleMetrics', () => {
  const cleanUps: (() => unknown)[] = [];

  /** Creates metrics of `collector`, by default of the shared one as a user does. */
  function create(config: RuleMetricsConfig = {}, collector?: FakeCollector): CollectorMetrics {
    const ruleMetrics =
      collector === undefined
        ? new RuleMetrics(config)
        : new CollectorMetrics(config, resolveSeriesOptions(config), () => collector.asCollector());
    cleanUps.push(() => ruleMetrics.disable());
    return ruleMetrics;
  }

  function createProvider(...readers: TestReader[]): MeterProvider {
    const provider = new MeterProvider({ readers });
    cleanUps.push(() => provider.shutdown());
    return provider;
  }

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    for (const api of [context, metrics, trace, propagation]) api.disable();
    assert.equal(shared.running, false, 'sampling was left on');
    assert.deepEqual(shared.consumers(), []);
  });

  describe('options', () => {
    const wrong: [RuleMetricsConfig, string, string, string][] = [
      [{ maxActiveSeries: 0 }, 'maxActiveSeries', 'an integer from 1 to 1000', '0'],
      [{ enabled: null as never }, 'enabled', 'true or false', 'null'],
      [{ maxLifetimeSeries: 99 }, 'maxLifetimeSeries', 'an integer from 100 to 1900', '99'],
      [{ retireAfterWindows: 1.5 }, 'retireAfterWindows', 'an integer from 1 to 100000', '1.5'],
      [{ windowMillis: 99 }, 'windowMillis', 'an integer from 100 to 600000', '99'],
      [{ periodMillis: 4_999 }, 'periodMillis', 'an integer from 5000 to 3600000', '4999'],
      [
        { samplingIntervalMicros: NaN },
        'samplingIntervalMicros',
        'an integer from 500 to 1000000',
        'NaN',
      ],
      [{ fairSampling: 'no' as never }, 'fairSampling', 'true or false', '"no"'],
      [{ enabled: 'no' as never }, 'enabled', 'true or false', '"no"'],
    ];
    for (const [config, option, allowed, got] of wrong) {
      it(`a wrong ${option} throws at construction; the error names it, its value and what is allowed`, () => {
        assert.throws(
          () => new RuleMetrics(config),
          (error) => {
            assert.ok(error instanceof InvalidOptionError);
            assert.equal(error.option, option);
            assert.equal(error.message, `${option} must be ${allowed}; got ${got}`);
            return true;
          },
        );
      });
    }

    it('a wrong option leaves the collector of the thread uncreated', () => {
      // The first caller decides the options of the collector. A failed one must not.
      const script = `
        const { RuleMetrics } = require('@rulescope/exporter');
        const { sharedCollector } = require('@rulescope/profiler');
        try { new RuleMetrics({ windowMillis: 700, maxActiveSeries: 0 }); } catch {}
        console.log(sharedCollector({ windowMillis: 800 }).options.windowMillis);`;
      const output = execFileSync(process.execPath, ['-e', script], { cwd: __dirname });
      assert.equal(output.toString(), '800\n');
    });

    it('an unknown option throws at construction', () => {
      assert.throws(() => new RuleMetrics({ maxRule: 5 } as RuleMetricsConfig), {
        name: 'InvalidOptionError',
        option: 'RuleMetricsConfig.maxRule',
      });
    });

    it('passes the options of the collector to it, which warns of each that comes too late', () => {
      const warnings: string[] = [];
      const log = () => undefined;
      const warn = (message: string) => void warnings.push(message);
      diag.setLogger({ error: log, warn, info: log, debug: log, verbose: log });
      cleanUps.push(() => diag.disable());
      const unlike = { windowMillis: 700, periodMillis: 800, samplingIntervalMicros: 900 };
      create({ ...unlike, fairSampling: false });
      assert.deepEqual(
        warnings.map((text) => /rulescope: (\w+) stays \w+, not \w+/.exec(text)?.[0]),
        [
          'rulescope: samplingIntervalMicros stays 1009, not 900',
          'rulescope: windowMillis stays 600000, not 700',
          'rulescope: periodMillis stays 600000, not 800',
          'rulescope: fairSampling stays true, not false',
        ],
      );
    });

    it('maxActiveSeries limits the series', async () => {
      const collector = new FakeCollector();
      const reader = new TestReader();
      create({ maxActiveSeries: 1 }, collector).setMeterProvider(createProvider(reader));
      collector.deliver(windowOf({ rules: { a: 3, b: 2 } }));
      const values = await reader.values();
      assert.equal(values.get(SAMPLES), 3);
      assert.equal(values.get('rulescope.rule.cpu.samples{rulescope.rule.id=b}'), undefined);
      assert.equal(
        values.get('rulescope.rule.cpu.samples{rulescope.rule.id=other,rulescope.rule.other=true}'),
        2,
      );
    });

    it('retireAfterWindows counts windows of the length that the collector has', async () => {
      const collector = new FakeCollector();
      const reader = new TestReader(AggregationTemporality.DELTA);
      create({ retireAfterWindows: 1 }, collector).setMeterProvider(createProvider(reader));
      collector.deliver(windowOf({ rules: { a: 3 } }));
      for (let i = 0; i < 2; i++) collector.deliver(windowOf({ durationMillis: 400 }));
      assert.ok((await reader.values()).has(SAMPLES));
      collector.deliver(windowOf({ durationMillis: 400 }));
      const last = await reader.values();
      assert.equal(last.get('rulescope.rule.cpu.usage{rulescope.rule.id=a}'), 0);
      assert.ok(!(await reader.values()).has(SAMPLES));
    });
  });

  describe('sampling', () => {
    it('starts when there is a MeterProvider, not earlier', () => {
      const ruleMetrics = create();
      ruleMetrics.enable();
      assert.equal(shared.running, false);
      ruleMetrics.setMeterProvider(createProvider(new TestReader()));
      assert.equal(shared.running, true);
      assert.deepEqual(
        shared.consumers().map(({ name }) => name),
        [NAME],
      );
    });

    it('reports the state of the sampler from the start', async () => {
      const reader = new TestReader();
      create().setMeterProvider(createProvider(reader));
      const infos = [...(await reader.values())].filter(([series]) =>
        series.startsWith('rulescope.sampler.info{'),
      );
      const { fair, slice } = samplerSupport().fairness ?? {};
      assert.equal(infos.length, 1);
      assert.equal(infos[0]![1], 1);
      assert.match(infos[0]![0], new RegExp(`rulescope.sampler.fair=${fair}\\b`));
      assert.equal(infos[0]![0].includes(`rulescope.sampler.slice=${slice}`), slice !== undefined);
    });

    it("does not start for the API's no-op provider, and starts for a real one", () => {
      const ruleMetrics = create();
      ruleMetrics.setMeterProvider(metrics.getMeterProvider());
      assert.equal(shared.running, false);
      const provider = createProvider(new TestReader());
      metrics.setGlobalMeterProvider(provider);
      ruleMetrics.setMeterProvider(metrics.getMeterProvider());
      assert.equal(shared.running, true);
    });

    it('stops when the no-op provider replaces the real one', () => {
      const ruleMetrics = create();
      ruleMetrics.setMeterProvider(createProvider(new TestReader()));
      ruleMetrics.setMeterProvider(metrics.getMeterProvider());
      assert.equal(shared.running, false);
    });

    it('goes by what a no-op meter does, not by the name of its class', () => {
      class Renamed extends (createNoopMeter().constructor as new () => Meter) {}
      class NoopMeter {}
      const ruleMetrics = create();
      ruleMetrics.setMeterProvider({ getMeter: () => new Renamed() });
      assert.equal(shared.running, false);
      const provider = createProvider(new TestReader());
      const meter = provider.getMeter('test');
      Object.defineProperty(meter, 'constructor', { value: NoopMeter });
      ruleMetrics.setMeterProvider({ getMeter: () => meter });
      assert.equal(shared.running, true);
    });

    it('does not start for a provider that was shut down', async () => {
      const provider = new MeterProvider({ readers: [new TestReader()] });
      await provider.shutdown();
      create().setMeterProvider(provider);
      assert.equal(shared.running, false);
    });

    it('is off while disabled, and nothing is observed', async () => {
      const reader = new TestReader();
      const ruleMetrics = create({ enabled: false });
      ruleMetrics.setMeterProvider(createProvider(reader));
      assert.equal(shared.running, false);
      assert.deepEqual(shared.consumers(), []);
      assert.deepEqual(await reader.values(), new Map());
      ruleMetrics.enable();
      assert.equal(shared.running, true);
      assert.ok((await reader.values()).size > 0);
    });

    it('leaves nothing that keeps the process alive after disable', () => {
      const before = process.getActiveResourcesInfo().sort();
      const ruleMetrics = create();
      ruleMetrics.setMeterProvider(createProvider(new TestReader()));
      ruleMetrics.disable();
      assert.equal(shared.running, false);
      assert.deepEqual(process.getActiveResourcesInfo().sort(), before);
    });

    it('continues for other consumers after disable', async () => {
      const consumer = shared.addConsumer('test', () => undefined);
      const ruleMetrics = create();
      ruleMetrics.setMeterProvider(createProvider(new TestReader()));
      ruleMetrics.disable();
      assert.equal(shared.running, true);
      await consumer.remove();
      assert.equal(shared.running, false);
    });
  });

  describe('enable and disable', () => {
    let collector: FakeCollector;
    let reader: TestReader;
    let delta: TestReader;
    let ruleMetrics: RuleMetrics;

    beforeEach(() => {
      collector = new FakeCollector();
      reader = new TestReader();
      delta = new TestReader(AggregationTemporality.DELTA);
      ruleMetrics = create({}, collector);
      ruleMetrics.setMeterProvider(createProvider(reader, delta));
    });

    it('a repeated call has no further effect, in any order', async () => {
      const steps = ['enable', 'enable', 'disable', 'disable', 'disable', 'enable'] as const;
      const states: [number, number | undefined][] = [];
      for (const step of steps) {
        ruleMetrics[step]();
        collector.deliver(windowOf({ rules: { a: 3 } }));
        states.push([collector.names.length, (await delta.values()).get(SAMPLES)]);
      }
      assert.deepEqual(states, [
        [1, 3],
        [1, 3],
        [0, 0],
        [0, 0],
        [0, 0],
        [1, 3],
      ]);
      assert.equal(collector.added, 2);
    });

    it('disable exports the window under way, and then a usage of 0', async () => {
      collector.deliver(windowOf({ rules: { a: 3 } }));
      collector.open.push(windowOf({ rules: { a: 4 }, unlabeled: 1 }));
      ruleMetrics.disable();
      for (const values of [await reader.values(), await delta.values()]) {
        assert.equal(values.get(SAMPLES), 7);
        const gauges = [...values].filter(([series]) => /usage|standard_error/.test(series));
        assert.ok(gauges.length >= 7);
        assert.ok(
          gauges.every(([, value]) => value === 0),
          JSON.stringify(gauges),
        );
      }
    });

    it('Symbol.dispose does what disable does', () => {
      ruleMetrics[Symbol.dispose]();
      ruleMetrics[Symbol.dispose]();
      assert.deepEqual(collector.names, []);
      ruleMetrics.enable();
      assert.deepEqual(collector.names, [NAME]);
    });

    it('the counters continue after a break', async () => {
      collector.deliver(windowOf({ rules: { a: 3 } }));
      ruleMetrics.disable();
      collector.deliver(windowOf({ rules: { a: 100 } }));
      ruleMetrics.enable();
      collector.deliver(windowOf({ rules: { a: 4 } }));
      assert.equal((await reader.values()).get(SAMPLES), 7);
      assert.equal((await reader.values()).get(WINDOWS), 2);
    });

    it('enable uses a provider that was set while disabled', async () => {
      ruleMetrics.disable();
      const later = new TestReader();
      ruleMetrics.setMeterProvider(createProvider(later));
      ruleMetrics.enable();
      collector.deliver(windowOf({ rules: { a: 3 } }));
      assert.equal((await later.values()).get(SAMPLES), 3);
    });

    it('reports the quality of the last window, and counts contended windows', async () => {
      collector.deliver(windowOf({ quality: 1.25, contended: true }));
      const values = await reader.values();
      assert.equal(values.get('rulescope.sampler.quality{}'), 1.25);
      assert.equal(values.get(WINDOWS.replace('contended=false', 'contended=true')), 1);
    });

    it('records the close duration of each window', async () => {
      collector.deliver(windowOf({ pauseSeconds: 0.003 }));
      collector.deliver(windowOf({ pauseSeconds: 0.004 }));
      // The reader returns the count of a histogram.
      assert.equal((await reader.values()).get('rulescope.window.close.duration{}'), 2);
    });

    it('reports the dropped windows of each consumer by its name', async () => {
      collector.dropped.set('slow', 3);
      const values = await reader.values();
      assert.equal(
        values.get('rulescope.consumer.dropped_windows{rulescope.consumer.name=slow}'),
        3,
      );
      assert.equal(
        values.get(`rulescope.consumer.dropped_windows{rulescope.consumer.name=${NAME}}`),
        0,
      );
    });
  });

  describe('setMeterProvider', () => {
    let collector: FakeCollector;
    let ruleMetrics: RuleMetrics;

    beforeEach(() => {
      collector = new FakeCollector();
      ruleMetrics = create({}, collector);
    });

    it('a second call with the same provider doubles nothing', async () => {
      const delta = new TestReader(AggregationTemporality.DELTA);
      const reader = new TestReader();
      const provider = createProvider(reader, delta);
      ruleMetrics.setMeterProvider(provider);
      ruleMetrics.setMeterProvider(provider);
      assert.equal(collector.added, 1);
      collector.deliver(windowOf({ rules: { a: 3 }, pauseSeconds: 0.002 }));
      for (const values of [await reader.values(), await delta.values()]) {
        assert.equal(values.get(SAMPLES), 3);
        assert.equal(values.get(WINDOWS), 1);
        assert.equal(values.get('rulescope.window.close.duration{}'), 1);
      }
      collector.deliver(windowOf({ rules: { a: 4 } }));
      assert.equal((await reader.values()).get(SAMPLES), 7);
      assert.equal((await delta.values()).get(SAMPLES), 4);
    });

    it('a new provider takes over from zero, and the figures of the former one stand still', async () => {
      const former = new TestReader(AggregationTemporality.DELTA);
      const [now, nowDelta] = [new TestReader(), new TestReader(AggregationTemporality.DELTA)];
      ruleMetrics.setMeterProvider(createProvider(former));
      collector.deliver(windowOf({ rules: { a: 3 } }));
      assert.equal((await former.values()).get(SAMPLES), 3);
      ruleMetrics.setMeterProvider(createProvider(now, nowDelta));
      collector.deliver(windowOf({ rules: { a: 4 } }));
      const values = await former.values();
      assert.equal(values.get(SAMPLES), 0);
      assert.equal(values.get('rulescope.rule.cpu.usage{rulescope.rule.id=a}'), 0);
      assert.equal((await now.values()).get(SAMPLES), 4);
      assert.equal((await nowDelta.values()).get(SAMPLES), 4);
      assert.deepEqual(collector.names, [NAME]);
    });

    it('the meter has the name and version of the package', async () => {
      const reader = new TestReader();
      ruleMetrics.setMeterProvider(createProvider(reader));
      const [scope] = (await reader.resourceMetrics()).scopeMetrics;
      assert.equal(scope?.scope.name, NAME);
      assert.equal(scope.scope.version, ruleMetrics.instrumentationVersion);
    });

    it('two instances on one provider share their figures, and sampling ends with the last', async () => {
      const other = create({}, collector);
      const reader = new TestReader();
      const delta = new TestReader(AggregationTemporality.DELTA);
      const provider = createProvider(reader, delta);
      ruleMetrics.setMeterProvider(provider);
      collector.deliver(windowOf({ rules: { a: 3 } }));
      assert.equal((await delta.values()).get(SAMPLES), 3);
      other.setMeterProvider(provider);
      collector.deliver(windowOf({ rules: { a: 4 } }));
      assert.equal((await delta.values()).get(SAMPLES), 4);
      ruleMetrics.disable();
      collector.deliver(windowOf({ rules: { a: 5 } }));
      assert.equal((await delta.values()).get(SAMPLES), 5);
      assert.equal((await reader.values()).get(SAMPLES), 12);
      assert.equal(collector.added, 1);
      other.disable();
      assert.deepEqual(collector.names, []);
    });

    it('two instances on two providers each have all figures', async () => {
      const other = create({}, collector);
      const readers = [new TestReader(), new TestReader()] as const;
      ruleMetrics.setMeterProvider(createProvider(readers[0]));
      other.setMeterProvider(createProvider(readers[1]));
      collector.deliver(windowOf({ rules: { a: 3 } }));
      for (const reader of readers) assert.equal((await reader.values()).get(SAMPLES), 3);
    });

    it('without one, the provider that is registered with the API next is used', () => {
      const timers: (() => void)[] = [];
      const after = (_millis: number, fn: () => void) => {
        timers.push(fn);
        return () => void timers.splice(timers.indexOf(fn), 1);
      };
      const options = resolveSeriesOptions({});
      const waiting = new CollectorMetrics({}, options, () => collector.asCollector(), after);
      cleanUps.push(() => waiting.disable());
      waiting.setMeterProvider(metrics.getMeterProvider());
      timers.shift()?.();
      assert.deepEqual(collector.names, []);
      metrics.setGlobalMeterProvider(createProvider(new TestReader()));
      timers.shift()?.();
      assert.deepEqual([collector.names, timers.length], [[NAME], 0]);
      waiting.disable();
      waiting.setMeterProvider({ getMeter: () => createNoopMeter() });
      waiting.enable();
      assert.equal(timers.length, 1);
      waiting.setMeterProvider(createProvider(new TestReader()));
      assert.deepEqual([collector.names, timers.length], [[NAME], 0]);
    });
  });

  describe('as an Instrumentation', () => {
    it('has a name, a version and a config', () => {
      const instrumentation: Instrumentation = create({ maxActiveSeries: 5 });
      assert.equal(instrumentation.instrumentationName, NAME);
      assert.match(instrumentation.instrumentationVersion, /^\d+\.\d+\.\d+/);
      assert.deepEqual(instrumentation.getConfig(), { enabled: true, maxActiveSeries: 5 });
      instrumentation.setConfig({ enabled: false });
      assert.deepEqual(instrumentation.getConfig(), { enabled: false, maxActiveSeries: 5 });
      instrumentation.setConfig({});
      assert.deepEqual(instrumentation.getConfig(), { enabled: true, maxActiveSeries: 5 });
    });

    it('setConfig() starts and stops sampling, and refuses bad options', () => {
      const collector = new FakeCollector();
      const instrumentation = create({ enabled: false }, collector);
      instrumentation.setMeterProvider(createProvider(new TestReader()));
      assert.deepEqual(collector.names, []);
      instrumentation.setConfig();
      assert.equal(collector.names.length, 1);
      for (const wrong of [
        { enabled: 'no' },
        { windows: 1 },
        { maxActiveSeries: 0 },
        { maxActiveSeries: 7 },
        { windowMillis: 1_000 },
        null,
      ]) {
        assert.throws(() => instrumentation.setConfig(wrong as never), {
          name: 'InvalidOptionError',
        });
      }
      assert.equal(collector.names.length, 1);
      instrumentation.setConfig({ enabled: false });
      assert.deepEqual(collector.names, []);
    });

    it('works with registerInstrumentations, and its unload function disables it', async () => {
      const collector = new FakeCollector();
      const reader = new TestReader();
      const unload = registerInstrumentations({
        instrumentations: [create({}, collector)],
        meterProvider: createProvider(reader),
      });
      collector.deliver(windowOf({ rules: { a: 3 } }));
      assert.equal((await reader.values()).get(SAMPLES), 3);
      unload();
      assert.deepEqual(collector.names, []);
    });

    it('with enabled: false, registerInstrumentations leaves it off, and enable() turns it on', () => {
      const collector = new FakeCollector();
      const instrumentation = create({ enabled: false }, collector);
      registerInstrumentations({
        instrumentations: [instrumentation],
        meterProvider: createProvider(new TestReader()),
      });
      assert.deepEqual(collector.names, []);
      instrumentation.enable();
      assert.equal(collector.names.length, 1);
    });

    it('works with a NodeSDK, which creates its MeterProvider later', async () => {
      const collector = new FakeCollector();
      const reader = new TestReader();
      const sdk = new NodeSDK({
        instrumentations: [create({}, collector)],
        autoDetectResources: false,
        metricReaders: [reader],
        spanProcessors: [],
        logRecordProcessors: [],
      });
      assert.deepEqual(collector.names, []);
      sdk.start();
      try {
        assert.equal(collector.added, 1);
        collector.deliver(windowOf({ rules: { a: 3 } }));
        assert.equal((await reader.values()).get(SAMPLES), 3);
      } finally {
        await sdk.shutdown();
      }
    });
  });

  describe('with the real sampler', () => {
    it('finds the CPU of each rule, and the sources sum to the CPU of the process', async () => {
      const reader = new TestReader();
      const ruleMetrics = create();
      ruleMetrics.setMeterProvider(createProvider(reader));
      const witness = shared.addConsumer('witness', () => undefined);
      const cpuBefore = cpuMillis();
      const truth: Record<string, number> = { heavy: 0, light: 0 };
      const burn = (rule: string, millis: number): void => {
        const before = cpuMillis();
        runWithLabels({ rule }, () => burnCpu(millis));
        truth[rule] = (truth[rule] ?? 0) + cpuMillis() - before;
      };
      // The pieces are small and alternate, so that a starved sampler affects both rules alike.
      for (let round = 0; round < 40; round++) {
        burn('heavy', 12);
        burn('light', 4);
        if (round === 19) shared.rotate();
        await new Promise(setImmediate);
      }
      ruleMetrics.disable();
      const cpuUsed = (cpuMillis() - cpuBefore) / 1000;
      // Consumers get a window in the order of their registration: the metrics have it before the
      // witness.
      await witness.remove();
      ruleMetrics.enable();
      const values = await reader.values();
      ruleMetrics.disable();
      for (const contended of [false, true]) {
        const failed =
          `rulescope.windows{rulescope.window.contended=${contended},` +
          'rulescope.window.outcome=failed}';
        assert.equal(values.get(failed), 0);
      }

      const heavy = values.get('rulescope.rule.cpu.samples{rulescope.rule.id=heavy}') ?? 0;
      const light = values.get('rulescope.rule.cpu.samples{rulescope.rule.id=light}') ?? 0;
      const total = heavy + light;
      // 640 ms at 1.009 ms give about 500 hits. With fewer than 50, nine of ten ticks were lost.
      assert.ok(total >= 50, `${total} hits`);
      // The share of the hits is binomial at worst: the sampler ticks evenly, which scatters less.
      // Error budget: 4.5 standard errors (a false alarm in 150,000 runs), and 0.03 for the time
      // between a tick and its sample.
      const share = truth['heavy']! / (truth['heavy']! + truth['light']!);
      const tolerance = 4.5 * Math.sqrt((share * (1 - share)) / total) + 0.03;
      assert.ok(Math.abs(heavy / total - share) <= tolerance, `${heavy / total} for ${share}`);

      const rules =
        (values.get('rulescope.rule.cpu.time{rulescope.rule.id=heavy}') ?? 0) +
        (values.get('rulescope.rule.cpu.time{rulescope.rule.id=light}') ?? 0);
      assertClose(values.get('rulescope.process.cpu.time{rulescope.cpu.source=rule}'), rules);
      const sources = ['rule', 'unlabeled', 'gc', 'runtime', 'other_threads'].map(
        (source) => values.get(`rulescope.process.cpu.time{rulescope.cpu.source=${source}}`) ?? 0,
      );
      const ledger = sources.reduce((sum, seconds) => sum + seconds, 0);
      // Both are differences of process.cpuUsage(), read a few lines apart. No part of them is
      // sampled. The sampler starts and ends between the readings, which takes some milliseconds.
      // 100 ms leave room for a slow machine.
      assertClose(ledger, cpuUsed, 0.1);
      assert.ok(rules > 0.5 * cpuUsed, `${rules} s of ${cpuUsed} s in rules`);
    });
  });
});
