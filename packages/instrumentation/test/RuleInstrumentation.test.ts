import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import {
  type Context,
  ROOT_CONTEXT,
  context,
  createContextKey,
  metrics,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { type ProfileWindow, attributeCpu, sharedCollector } from '@rulescope/profiler';
import { labelStorage } from '@rulescope/profiler/internal';
import { RuleInstrumentation, type RuleInstrumentationConfig } from '../src/RuleInstrumentation';
import { bindRule, getRule, setRule, withRule } from '../src/rule';
import { contextLabels } from '../src/ContextLabels';
import { withLabels } from '../src/withLabels';
import { ForeignContextManager } from './support/ForeignContextManager';
import { burnCpu, cpuMillis } from './support/burnCpu';
import { currentRule } from './support/currentRule';
import { cleanGlobals, instrument, register } from './support/globals';
import { storageIn } from './support/storageIn';

const KEY = createContextKey('rulescope.test');

/** The rule in the Context and the rule in the label. */
function rules(): [string | undefined, string | undefined] {
  return [getRule(), currentRule()];
}

/** The rules seen when the API's functions, and ours, move the Context. */
function ruleByEveryWay(): unknown[] {
  const a = setRule(context.active(), 'a');
  return [
    withRule('a', rules),
    bindRule('a', rules)(),
    context.with(a, rules),
    context.bind(a, rules)(),
  ];
}

const LABELED = Array(4).fill(['a', 'a']);
const NOT_LABELED = Array(4).fill(['a', undefined]);

// Before any test, because the options of the first call count. Windows end with their consumer.
const collector = sharedCollector({ samplingIntervalMicros: 1_009, windowMillis: 600_000 });

describe('RuleInstrumentation', () => {
  cleanGlobals();

  describe('enable and disable', () => {
    beforeEach(() => {
      register(new AsyncLocalStorageContextManager());
    });

    it('labels from construction on', () => {
      instrument();
      assert.deepEqual(ruleByEveryWay(), LABELED);
    });

    it('constructed with enabled: false, labels from enable() on', () => {
      const instrumentation = instrument(false);
      assert.deepEqual(ruleByEveryWay(), NOT_LABELED);
      instrumentation.enable();
      assert.deepEqual(ruleByEveryWay(), LABELED);
    });

    it('disabled, it labels no more, and the Context stays right', async () => {
      const instrumentation = instrument();
      assert.deepEqual(ruleByEveryWay(), LABELED);
      instrumentation.disable();
      assert.deepEqual(ruleByEveryWay(), NOT_LABELED);
      await withRule('outer', async () => {
        await Promise.resolve();
        assert.deepEqual(rules(), ['outer', undefined]);
        assert.deepEqual(await withRule('inner', () => Promise.resolve().then(rules)), [
          'inner',
          undefined,
        ]);
      });
    });

    it('a running flow loses its label when it next enters a Context', () => {
      const instrumentation = instrument();
      withRule('a', () => {
        instrumentation.disable();
        withRule('b', () => assert.deepEqual(rules(), ['b', undefined]));
        context.with(context.active(), () => assert.deepEqual(rules(), ['a', undefined]));
      });
    });

    it('further calls do nothing, in any order', () => {
      const instrumentation = instrument();
      const steps = ['enable', 'enable', 'disable', 'disable', 'disable', 'enable'] as const;
      const labeled = steps.map((step) => {
        instrumentation[step]();
        return withRule('a', currentRule) === 'a';
      });
      assert.deepEqual(labeled, [true, true, false, false, false, true]);
      instrumentation.disable();
      assert.equal(contextLabels().enabled, false);
    });

    it('with two of them, labels while at least one is enabled', () => {
      const one = instrument();
      const two = instrument();
      assert.deepEqual(ruleByEveryWay(), LABELED);
      one.disable();
      one.disable();
      assert.deepEqual(ruleByEveryWay(), LABELED);
      two.disable();
      assert.deepEqual(ruleByEveryWay(), NOT_LABELED);
      one.enable();
      assert.deepEqual(ruleByEveryWay(), LABELED);
    });

    it('with none, the context manager is not touched', () => {
      context.disable();
      const manager = register(new AsyncLocalStorageContextManager());
      const before = { ...manager };
      withRule('a', () => setRule(context.active(), 'b'));
      assert.deepEqual(Reflect.ownKeys(manager), Reflect.ownKeys(before));
      assert.ok(storageIn(manager) === storageIn(before));
    });

    it('starts no sampling', () => {
      instrument();
      withRule('a', rules);
      assert.equal(collector.running, false);
    });
  });

  describe('and the context manager', () => {
    for (const [name, create] of [
      ["the SDK's", () => new AsyncLocalStorageContextManager()],
      ['a foreign one', () => new ForeignContextManager()],
    ] as const) {
      it(`${name}, registered before`, () => {
        register(create());
        instrument();
        assert.deepEqual(ruleByEveryWay(), LABELED);
      });

      it(`${name}, registered after`, () => {
        instrument();
        register(create());
        assert.deepEqual(ruleByEveryWay(), LABELED);
      });

      it(`${name}, registered after others were disabled`, () => {
        instrument();
        for (let round = 0; round < 3; round++) {
          register(create());
          assert.deepEqual(ruleByEveryWay(), LABELED);
          context.disable();
        }
      });

      it(`${name}, the same registered again`, () => {
        instrument();
        const manager = create();
        for (let round = 0; round < 3; round++) {
          register(manager);
          assert.deepEqual(ruleByEveryWay(), LABELED);
          context.disable();
        }
      });

      it(`${name}, removed for good: rules still work`, () => {
        instrument();
        register(create());
        assert.deepEqual(ruleByEveryWay(), LABELED);
        context.disable();
        assert.deepEqual(withRule('a', rules), ['a', 'a']);
        assert.deepEqual(
          withRule('a', () => withRule('b', rules)),
          ['b', 'b'],
        );
      });

      it(`${name}, disabled: a flow under way shows its Context to no later manager`, async () => {
        instrument();
        register(create());
        let goOn: (() => void) | undefined;
        const waits = new Promise<void>((resolve) => (goOn = resolve));
        const flow = context.with(ROOT_CONTEXT.setValue(KEY, 'old'), () =>
          withLabels({ rule: 'a', tenant: 't' }, async () => {
            await waits;
            assert.deepEqual([context.active(), getRule()], [ROOT_CONTEXT, undefined]);
            withRule('b', () => {
              assert.deepEqual([...rules(), context.active().getValue(KEY)], ['b', 'b', undefined]);
              assert.deepEqual(labelStorage().currentLabelContext()?.labels, { rule: 'b' });
            });
            await Promise.resolve();
            assert.equal(context.active(), ROOT_CONTEXT);
          }),
        );
        context.disable();
        register(create());
        await context.with(ROOT_CONTEXT.setValue(KEY, 'new'), () =>
          withRule('c', async () => {
            goOn?.();
            await flow;
            assert.deepEqual([...rules(), context.active().getValue(KEY)], ['c', 'c', 'new']);
          }),
        );
      });

      it(`${name}: a Context that was active before the instrumentation stays so`, async () => {
        register(create());
        const before = ROOT_CONTEXT.setValue(KEY, 'before');
        await context.with(before, async () => {
          instrument();
          assert.equal(context.active(), before);
          assert.deepEqual(withRule('a', rules), ['a', 'a']);
          await Promise.resolve();
          assert.equal(context.active(), before);
        });
      });
    }

    it('registered inside a rule: the rule stays current', async () => {
      instrument();
      await withRule('a', async () => {
        register(new AsyncLocalStorageContextManager());
        assert.deepEqual(rules(), ['a', 'a']);
        assert.deepEqual(withRule('b', rules), ['b', 'b']);
        await Promise.resolve();
        assert.deepEqual(rules(), ['a', 'a']);
      });
    });

    it('is patched when a Context with a rule is made', () => {
      instrument();
      register(new AsyncLocalStorageContextManager());
      assert.deepEqual(context.with(setRule(ROOT_CONTEXT, 'a'), rules), ['a', 'a']);
    });

    it('is patched when a provider is set, as NodeSDK does', () => {
      for (const set of ['setMeterProvider', 'setTracerProvider'] as const) {
        const instrumentation = instrument();
        const target = setRule(ROOT_CONTEXT, 'a');
        register(new AsyncLocalStorageContextManager());
        instrumentation[set]();
        assert.deepEqual(context.with(target, rules), ['a', 'a']);
        context.disable();
        instrumentation.disable();
      }
    });
  });

  it('keeps spans and other values of the Context beside the rule', () => {
    register(new AsyncLocalStorageContextManager());
    instrument();
    const span = trace.wrapSpanContext({
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      traceFlags: 1,
    });
    const outer = trace.setSpan(ROOT_CONTEXT.setValue(KEY, 'kept'), span);
    context.with(outer, () =>
      withRule('a', () => {
        assert.equal(trace.getActiveSpan(), span);
        assert.equal(context.active().getValue(KEY), 'kept');
        // A Context made from the active one carries its rule.
        const derived: Context = context.active().setValue(KEY, 'changed');
        context.with(derived, () => assert.deepEqual(rules(), ['a', 'a']));
      }),
    );
  });

  it('labels the listeners of an emitter bound to a Context', async () => {
    register(new AsyncLocalStorageContextManager());
    instrument();
    const emitter = withRule('a', () => context.bind(context.active(), new EventEmitter()));
    const seen = new Promise((resolve) => emitter.once('event', () => resolve(rules())));
    withRule('b', () => emitter.emit('event'));
    assert.deepEqual(await seen, ['a', 'a']);
  });

  describe('as an Instrumentation', () => {
    it('has name, version and config', () => {
      const instrumentation: Instrumentation = instrument();
      assert.equal(instrumentation.instrumentationName, '@rulescope/instrumentation');
      assert.match(instrumentation.instrumentationVersion, /^\d+\.\d+\.\d+/);
      assert.deepEqual(instrumentation.getConfig(), { enabled: true });
      instrumentation.setConfig({ enabled: false });
      assert.deepEqual(instrumentation.getConfig(), { enabled: false });
      instrumentation.setConfig({});
      assert.deepEqual(instrumentation.getConfig(), { enabled: true });
      const incomingRule = (): undefined => undefined;
      const config = { enabled: false, propagate: true, incomingRule, spanLabels: true };
      instrumentation.setConfig(config);
      assert.deepEqual(instrumentation.getConfig(), config);
    });

    it('setConfig() enables and disables it', () => {
      register(new AsyncLocalStorageContextManager());
      const instrumentation = instrument();
      instrumentation.setConfig({ enabled: false });
      assert.deepEqual(ruleByEveryWay(), NOT_LABELED);
      instrumentation.setConfig({ enabled: true });
      assert.deepEqual(ruleByEveryWay(), LABELED);
      instrumentation.setConfig({ enabled: false });
      instrumentation.setConfig({});
      assert.deepEqual(ruleByEveryWay(), LABELED);
    });

    it('refuses unknown options and wrong types, at construction and in setConfig()', () => {
      const instrumentation = instrument(false);
      const wrong: [config: unknown, message: RegExp][] = [
        [
          { enable: true },
          /^RuleInstrumentationConfig\.enable must be omitted .*enabled.* got true$/,
        ],
        [{ enabled: 'no' }, /^enabled must be true or false[;,] got "no"$/],
        [{ enabled: null }, /^enabled must be true or false[;,] got null$/],
        [{ propagate: 'yes' }, /^propagate must be true or false; got "yes"$/],
        [{ incomingRule: 'r' }, /^incomingRule must be a function; got "r"$/],
        [{ spanLabels: 1 }, /^spanLabels must be true or false; got 1$/],
        [null, /^RuleInstrumentationConfig must be a plain object[;,] got null$/],
        [true, /^RuleInstrumentationConfig must be a plain object[;,] got true$/],
      ];
      for (const [config, message] of wrong) {
        const given = config as RuleInstrumentationConfig;
        const error = { name: 'InvalidOptionError', message };
        assert.throws(() => new RuleInstrumentation(given), error);
        assert.throws(() => instrumentation.setConfig(given), error);
      }
      assert.deepEqual(instrumentation.getConfig(), { enabled: false });
      assert.equal(contextLabels().enabled, false);
    });

    it('takes an option that is undefined as the default', () => {
      register(new AsyncLocalStorageContextManager());
      const config = { enabled: undefined } as unknown as RuleInstrumentationConfig;
      instrument(false).setConfig(config);
      assert.deepEqual(ruleByEveryWay(), LABELED);
    });

    it('works with registerInstrumentations, which returns a function that disables it', () => {
      register(new AsyncLocalStorageContextManager());
      const instrumentations = [instrument()];
      for (let round = 0; round < 3; round++) {
        const unload = registerInstrumentations({ instrumentations });
        assert.deepEqual(ruleByEveryWay(), LABELED);
        unload();
        assert.deepEqual(ruleByEveryWay(), NOT_LABELED);
      }
    });

    it('with enabled: false, registerInstrumentations leaves it off, and enable() turns it on', () => {
      register(new AsyncLocalStorageContextManager());
      const instrumentation = instrument(false);
      registerInstrumentations({ instrumentations: [instrumentation] });
      assert.deepEqual(ruleByEveryWay(), NOT_LABELED);
      assert.deepEqual(instrumentation.getConfig(), { enabled: false });
      instrumentation.enable();
      assert.deepEqual(ruleByEveryWay(), LABELED);
      assert.deepEqual(instrumentation.getConfig(), { enabled: true });
    });

    it('works with a NodeSDK, which registers its context manager after it', async () => {
      const sdk = new NodeSDK({
        instrumentations: [instrument()],
        autoDetectResources: false,
        metricReaders: [],
        spanProcessors: [],
        logRecordProcessors: [],
      });
      sdk.start();
      try {
        assert.deepEqual(ruleByEveryWay(), LABELED);
      } finally {
        await sdk.shutdown();
      }
    });

    it('needs no MeterProvider', () => {
      const instrumentation = new RuleInstrumentation({ enabled: false });
      const set: Instrumentation['setMeterProvider'] = () => instrumentation.setMeterProvider();
      set(metrics.getMeterProvider());
      assert.equal(contextLabels().enabled, false);
    });
  });

  describe('with the real sampler', () => {
    /** Returns the window of `work` and nothing else. */
    async function record(work: () => Promise<void>): Promise<ProfileWindow> {
      const windows: ProfileWindow[] = [];
      // The window ends when the consumer is removed, long before its 10 minutes are over.
      const consumer = collector.addConsumer('test', (window) => windows.push(window));
      try {
        await work();
      } finally {
        await consumer.remove();
      }
      assert.equal(windows.length, 1);
      return windows[0] as ProfileWindow;
    }

    for (const [name, create] of [
      ["the SDK's context manager", () => new AsyncLocalStorageContextManager()],
      ['a foreign context manager', () => new ForeignContextManager()],
      ['no context manager', () => undefined],
    ] as const) {
      it(`gives the CPU to the rule that used it, over awaits and timers, ${name}`, async () => {
        const manager = create();
        if (manager !== undefined) register(manager);
        instrument();
        const truth: Record<string, number> = { heavy: 0, light: 0 };
        const burn = async (id: string, millis: number): Promise<void> => {
          await new Promise(setImmediate);
          const before = cpuMillis();
          burnCpu(millis);
          truth[id] = (truth[id] ?? 0) + cpuMillis() - before;
        };
        // In small alternating pieces, so that a moment without samples affects both rules.
        const window = await record(async () => {
          for (let round = 0; round < 40; round++) {
            await withRule('heavy', () => burn('heavy', 12));
            await withRule('light', () => burn('light', 4));
          }
        });
        const attribution = attributeCpu(window, 'rule');
        assert.deepEqual([...attribution.labels.keys()].sort(), ['heavy', 'light']);
        const hits = (id: string): number => attribution.labels.get(id)?.hits ?? 0;
        const total = hits('heavy') + hits('light');
        // 640 ms at 1.009 ms give about 500 hits. With fewer than 50, nine ticks in ten are lost.
        assert.ok(total >= 50, `${total} hits`);
        // The share of the hits is binomial at worst: the sampler ticks evenly, which scatters less.
        // Error budget: 4.5 standard errors, which is one false alarm in 150,000 runs, and 0.03 for
        // the time between a tick and its sample.
        const share = truth['heavy']! / (truth['heavy']! + truth['light']!);
        const tolerance = 4.5 * Math.sqrt((share * (1 - share)) / total) + 0.03;
        const found = hits('heavy') / total;
        assert.ok(
          Math.abs(found - share) <= tolerance,
          `heavy has ${found} of ${total} hits and burnt ${share} of the CPU; tolerance ${tolerance}`,
        );
        // Almost no CPU is used outside of the rules, so 4 in 5 hits must be labeled.
        assert.ok(total >= 0.8 * (total + attribution.unlabeled.hits), 'rules lose hits');
      });
    }

    it('disabled, it labels no sample', async () => {
      register(new AsyncLocalStorageContextManager());
      instrument().disable();
      const window = await record(async () => {
        await withRule('a', async () => {
          await Promise.resolve();
          burnCpu(200);
        });
      });
      const attribution = attributeCpu(window, 'rule');
      assert.equal(attribution.labels.size, 0);
      // About 150 hits are expected. With no hit, the test would test nothing.
      assert.ok(attribution.unlabeled.hits >= 10, `${attribution.unlabeled.hits} hits`);
    });

    it('a flow that entered its rule before sampling began is labeled from the first sample', async () => {
      register(new AsyncLocalStorageContextManager());
      instrument();
      let go = (): void => undefined;
      const started = new Promise<void>((resolve) => (go = resolve));
      const work = withRule('early', async () => {
        await started;
        burnCpu(200);
      });
      const window = await record(async () => {
        go();
        await work;
      });
      const attribution = attributeCpu(window, 'rule');
      const hits = attribution.labels.get('early')?.hits ?? 0;
      // Of about 150 hits, nearly all belong to the rule. Half leaves room for noise.
      assert.ok(hits >= 10, `${hits} hits`);
      assert.ok(hits > attribution.unlabeled.hits, `${attribution.unlabeled.hits} without`);
    });
  });
});
