import assert from 'node:assert/strict';
import { FlowContexts } from '../../src/datadog/FlowContexts';
import { ThreadContexts } from '../../src/datadog/ThreadContexts';
import { DatadogTime } from '../../src/datadog/DatadogTime';
import type { Recorded } from '../../src/datadog/TimeRecording';
import type { ContextOf } from '../../src/datadog/toTimeProfile';
import { type TimeProfileNodeContext, loadNative } from '../../src/native/loadNative';
import type { SampleRecord } from '../../src/model/CallNode';
import { createDice } from '../support/createDice';
import { FakeLabels } from '../support/FakeLabels';

/** Creates a drop-in. Each call of `sample()` adds a sample of the function `f`. */
function setUp() {
  const native = loadNative();
  const labels = new FakeLabels();
  const log: string[] = [];
  const state = { micros: 0, samples: 0, stuck: false, failure: undefined as Error | undefined };
  const taken: SampleRecord[] = [];
  const recorded = (contextOf: ContextOf | undefined): Recorded => ({
    stuck: state.stuck,
    profile: {
      startTime: 0,
      endTime: 1_000_000,
      hasCpuTime: false,
      nonJSThreadsCpuTime: 0,
      topDownRoot: {
        name: '(root)',
        scriptName: '',
        hitCount: 0,
        contexts: [],
        children: [
          {
            name: 'f',
            scriptName: '/f.js',
            hitCount: taken.length,
            contexts: contextOf
              ? (taken.map((sample) => ({
                  ...sample,
                  timestamp: BigInt(sample.timestamp),
                  context: contextOf(sample),
                })) as TimeProfileNodeContext[])
              : [],
            children: [],
          },
        ],
      },
    },
  });
  const time = new DatadogTime({
    native: () => native,
    sampler: {
      totalSampleCount: () => state.samples,
      holderCounts: () => ({ used: 2, total: 3 }),
    },
    flowContexts: new FlowContexts(labels, 'unit test'),
    threadContexts: new ThreadContexts(
      { monotonicMicros: () => state.micros, epochOffsetMicros: () => 0 },
      { totalSampleCount: () => state.samples },
    ),
    record: ({ intervalMicros }) => {
      if (state.failure !== undefined) throw state.failure;
      log.push(`open ${intervalMicros}`);
      return {
        cut: (contextOf) => {
          log.push('cut');
          const result = recorded(contextOf);
          taken.length = 0;
          return result;
        },
        close: (contextOf) => {
          log.push('close');
          return recorded(contextOf);
        },
      };
    },
  });
  const sample = (): void => {
    state.micros += 10;
    state.samples++;
    const context = { labels: labels.currentLabelContext()?.labels };
    taken.push({ timestamp: state.micros, context });
    state.micros += 10;
  };
  return { time, log, state, sample, labels };
}

/** Stops and returns the contexts of the samples, as the user's `generateLabels` receives them. */
function contextsIn(time: DatadogTime, restart: boolean): unknown[] {
  const seen: unknown[] = [];
  time.stop(restart, ({ context }) => {
    if (context !== undefined) seen.push(context.context);
    return {};
  });
  return seen;
}

describe('DatadogTime', () => {
  it('throws the error of the original when it is started twice', () => {
    const { time } = setUp();
    time.start();
    assert.throws(() => time.start(), { message: 'Wall profiler is already started' });
    time.stop(true);
    assert.equal(time.isStarted(), true);
    time.stop();
    assert.equal(time.isStarted(), false);
    time.start();
    time.stop();
  });

  it('returns an empty profile for a stop without a start', () => {
    const { time, log } = setUp();
    for (const restart of [true, false]) {
      const profile = time.stop(restart);
      assert.equal(profile.sample.length, 0);
      assert.equal(profile.sampleType.length, 2);
      assert.equal(time.isStarted(), false);
    }
    assert.deepEqual(log, []);
  });

  it('can start again after a failed start and after a generateLabels that threw', () => {
    const { time, state, sample } = setUp();
    state.failure = new Error('no sampler');
    assert.throws(() => time.start(), state.failure);
    assert.equal(time.isStarted(), false);
    state.failure = undefined;
    time.start({ withContexts: true });
    sample();
    assert.throws(() =>
      time.stop(false, () => {
        throw new Error('theirs');
      }),
    );
    assert.equal(time.isStarted(), false);
    time.start();
    time.stop();
  });

  it('closes every recording in 1,000 starts, stops and restarts in any order', () => {
    const { time, log } = setUp();
    const dice = createDice(1);
    for (let i = 0; i < 1_000; i++) {
      const action = [() => time.start(), () => time.stop(), () => time.stop(true)][dice(3)];
      const started = time.isStarted();
      try {
        action?.();
      } catch (thrown) {
        assert.match(String(thrown), /Wall profiler is already started/);
        assert.equal(time.isStarted(), started);
      }
    }
    if (time.isStarted()) time.stop();
    const count = (name: string) => log.filter((line) => line.startsWith(name)).length;
    assert.ok(count('open') > 100 && count('cut') > 100);
    assert.equal(count('open'), count('close'));
  });

  it('gives each sample the context of the thread, from the start and across restarts', () => {
    const { time, sample } = setUp();
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    time.start({ withContexts: true });
    sample();
    time.setContext(a);
    sample();
    time.setContext(b);
    assert.equal(time.getContext(), b);
    sample();
    const [first, second, third] = contextsIn(time, true);
    assert.deepEqual(first, {});
    assert.equal(second, a);
    assert.equal(third, b);
    sample();
    assert.deepEqual(contextsIn(time, false), [b]);
  });

  it('gives each sample the context of its flow, and no context outside of flows', () => {
    const { time, sample } = setUp();
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    time.start({ withContexts: true, useCPED: true });
    const sum = time.runWithContext(
      a,
      (x: number, y: number) => {
        sample();
        assert.equal(time.getContext(), a);
        time.setContext(b);
        sample();
        return x + y;
      },
      1,
      2,
    );
    sample();
    assert.equal(sum, 3);
    assert.deepEqual(contextsIn(time, false), [a, b, undefined]);
  });

  it('has no contexts without withContexts', () => {
    const { time, sample } = setUp();
    time.start();
    time.setContext({ any: 'thing' });
    time.runWithContext({ any: 'thing' }, sample);
    assert.deepEqual(contextsIn(time, false), []);
  });

  it('gives contexts of the thread and of flows at the same time', async () => {
    const { time, sample } = setUp();
    const context = { name: 'both' };
    time.start({ withContexts: true });
    const flows = time.profile({ withContexts: true, useCPED: true, durationMillis: 1 });
    time.setContext(context);
    sample();
    assert.deepEqual(contextsIn(time, true), [context]);
    sample();
    const { sample: samples, stringTable } = await flows;
    const [label] = samples.flatMap((each) => each.label);
    assert.equal(stringTable.strings[Number(label?.str)], 'both');
    time.stop();
  });

  it('accepts every call before a start and after a stop', () => {
    const { time, log, labels } = setUp();
    const callAll = () => {
      time.setContext({});
      time.setContext(undefined);
      time.getContext();
      time.getState();
      assert.deepEqual(time.getMetrics(), { usedAsyncContextCount: 2, totalAsyncContextCount: 3 });
      assert.equal(
        time.runWithContext({}, () => 'ran'),
        'ran',
      );
      assert.equal(time.v8ProfilerStuckEventLoopDetected(), 0);
      assert.equal(labels.currentLabelContext(), undefined);
    };
    callAll();
    time.start({ withContexts: true, useCPED: true });
    time.stop();
    callAll();
    assert.deepEqual(log, ['open 1000', 'close']);
  });

  it('counts samples across restarts, in one lasting state object', () => {
    const { time, sample } = setUp();
    const { kSampleCount } = loadNative().constants;
    const state = time.getState();
    assert.equal(state[kSampleCount], 0);
    time.start();
    sample();
    time.stop(true);
    sample();
    assert.equal(state[kSampleCount], 2);
    assert.equal(time.getState(), state);
    time.stop();
  });

  it('reports a stuck V8 sampler until the next stop', () => {
    const { time, state } = setUp();
    time.start();
    state.stuck = true;
    time.stop(true);
    assert.equal(time.v8ProfilerStuckEventLoopDetected(), 2);
    state.stuck = false;
    time.stop(true);
    assert.equal(time.v8ProfilerStuckEventLoopDetected(), 0);
    time.stop();
  });
});
