import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  TraceFlags,
  context,
  createContextKey,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  type LabelSet,
  attributeCpu,
  getLabels,
  runWithLabels,
  sharedCollector,
} from '@rulescope/profiler';
import { labelStorage } from '@rulescope/profiler/internal';
import { detach } from '../src/detach';
import { labelSetOf } from '../src/labelFamily';
import { bindRule, withRule } from '../src/rule';
import { withLabels } from '../src/withLabels';
import { ForeignContextManager } from './support/ForeignContextManager';
import { burnCpu } from './support/burnCpu';
import { cleanGlobals, instrument, register } from './support/globals';

const KEY = createContextKey('rulescope.test');

type Ids = Pick<SpanContext, 'traceId' | 'spanId'>;

function newIds(): Ids {
  return { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
}

/** Calls `fn` in a span, as `tracer.startActiveSpan` does. */
function inSpan<R>(ids: Ids, fn: () => R, more: Partial<SpanContext> = {}): R {
  const span = trace.wrapSpanContext({ traceFlags: TraceFlags.SAMPLED, ...ids, ...more });
  return context.with(trace.setSpan(context.active(), span), fn);
}

const labelsOf = ({ traceId, spanId }: Ids): LabelSet => ({ trace_id: traceId, span_id: spanId });

const setups = {
  'the context manager of the SDK': () => register(new AsyncLocalStorageContextManager()),
  'a foreign context manager': () => register(new ForeignContextManager()),
};

for (const [name, setUp] of Object.entries(setups)) {
  describe(`labels of spans with ${name}`, () => {
    cleanGlobals();
    const [a, b] = [newIds(), newIds()];
    beforeEach(() => void setUp());

    it('are not there by default', () => {
      instrument();
      inSpan(a, () => {
        assert.equal(getLabels(), undefined);
        withRule('r', () => assert.deepEqual(getLabels(), { rule: 'r' }));
      });
    });

    it('follow the active span, with and without a rule', async () => {
      instrument(true, { spanLabels: true });
      await inSpan(a, async () => {
        assert.deepEqual(getLabels(), labelsOf(a));
        await withRule('r', async () => {
          await sleep(1);
          assert.deepEqual(getLabels(), { rule: 'r', ...labelsOf(a) });
          await inSpan(b, async () => {
            await sleep(1);
            assert.deepEqual(getLabels(), { rule: 'r', ...labelsOf(b) });
            withRule('s', () => assert.deepEqual(getLabels(), { rule: 's', ...labelsOf(b) }));
          });
          assert.deepEqual(getLabels(), { rule: 'r', ...labelsOf(a) });
          context.with(ROOT_CONTEXT, () => assert.equal(getLabels(), undefined));
        });
        await detach(async () => {
          assert.equal(getLabels(), undefined, 'a connection belongs to no span');
          await sleep(1);
          withRule('r', () => assert.deepEqual(getLabels(), { rule: 'r' }));
          inSpan(b, () => assert.deepEqual(getLabels(), labelsOf(b)));
        });
        const bound = bindRule('r', getLabels);
        withRule('s', () => assert.deepEqual(bound(), { rule: 'r', ...labelsOf(a) }));
      });
      assert.equal(getLabels(), undefined);
      withRule('r', () => assert.deepEqual(getLabels(), { rule: 'r' }));
    });

    it('are left out for spans that are not sampled, of another process, or not valid', () => {
      instrument(true, { spanLabels: true });
      const others: Partial<SpanContext>[] = [
        { traceFlags: TraceFlags.NONE },
        { isRemote: true },
        { spanId: '0'.repeat(16) },
      ];
      for (const other of others) {
        inSpan(a, () => {
          inSpan(b, () => assert.equal(getLabels(), undefined), other);
          withRule('r', () => inSpan(b, () => assert.deepEqual(getLabels(), { rule: 'r' }), other));
        });
      }
    });

    it('are left out where the active span is none', () => {
      instrument(true, { spanLabels: true });
      const fail = (): never => {
        throw new Error('no span');
      };
      const spans = ['text', {}, { spanContext: () => undefined }, { spanContext: fail }];
      for (const span of spans as unknown as Span[]) {
        context.with(trace.setSpan(ROOT_CONTEXT, span), () =>
          withRule('r', () => assert.deepEqual(getLabels(), { rule: 'r' })),
        );
      }
    });

    it('stand beside all other labels, from any source', () => {
      instrument(true, { spanLabels: true });
      const other = { tenant: 't', stage: 's' };
      runWithLabels({ stage: 's' }, () =>
        inSpan(a, () =>
          withLabels({ tenant: 't' }, () => {
            assert.deepEqual(getLabels(), { ...other, ...labelsOf(a) });
            inSpan(b, () => {
              assert.deepEqual(getLabels(), { ...other, ...labelsOf(b) });
              runWithLabels({ step: '1' }, () => {
                const step = { step: '1', stage: 's' };
                assert.deepEqual(getLabels(), { ...step, tenant: 't', ...labelsOf(b) });
                inSpan(a, () =>
                  assert.deepEqual(getLabels(), { ...step, tenant: 't', ...labelsOf(a) }),
                );
                context.with(ROOT_CONTEXT, () => assert.deepEqual(getLabels(), step));
              });
            });
            assert.deepEqual(getLabels(), { ...other, ...labelsOf(a) });
          }),
        ),
      );
    });

    it('of the user stay where no span is active', () => {
      instrument(true, { spanLabels: true });
      runWithLabels(labelsOf(a), () =>
        withRule('r', () => assert.deepEqual(getLabels(), { rule: 'r', ...labelsOf(a) })),
      );
    });

    it('end where a running flow next enters a Context, when the option or all is turned off', () => {
      for (const end of ['setConfig', 'disable'] as const) {
        const instrumentation = instrument(true, { spanLabels: true });
        inSpan(a, () =>
          withRule('r', () => {
            const ended = context.active();
            instrumentation[end]();
            const rest = end === 'disable' ? undefined : { rule: 'r' };
            context.with(ended, () => assert.deepEqual(getLabels(), rest));
            const inner = ended.setValue(KEY, 1);
            context.with(inner, () => assert.deepEqual(getLabels(), rest));
          }),
        );
        instrumentation.disable();
      }
    });

    it('are one label set for one span and rule, however often they are entered', () => {
      instrument(true, { spanLabels: true });
      inSpan(a, () => {
        const sets = [1, 2, 3].map((value) =>
          context.with(context.active().setValue(KEY, value), () =>
            withRule('r', () => labelStorage().currentLabelContext()?.labels),
          ),
        );
        assert.deepEqual(sets[0], { rule: 'r', ...labelsOf(a) });
        assert.equal(new Set(sets).size, 1);
      });
    });
  });
}

describe('labels of spans', () => {
  cleanGlobals();

  it('are freed with their spans, and push no rule out of the caches', () => {
    register(new AsyncLocalStorageContextManager());
    instrument(true, { spanLabels: true });
    const kept = withRule('kept', () => labelSetOf('kept'));
    // More spans than the caches of label sets have entries.
    const sets = Array.from({ length: 20_000 }, () =>
      inSpan(newIds(), () =>
        withRule('r', () => new WeakRef(labelStorage().currentLabelContext()!.labels!)),
      ),
    );
    return new Promise<void>((resolve) => {
      // A WeakRef keeps its target for the rest of the turn that made it.
      setImmediate(() => {
        setFlagsFromString('--expose-gc');
        (runInNewContext('gc') as () => void)();
        const alive = sets.filter((set) => set.deref() !== undefined).length;
        assert.ok(alive < 100, `${alive} label sets are left`);
        assert.equal(labelSetOf('kept'), kept);
        resolve();
      });
    });
  });

  it('leave the CPU of rules as it is, with one value per rule', async () => {
    register(new AsyncLocalStorageContextManager());
    instrument(true, { spanLabels: true });
    const collector = sharedCollector({ samplingIntervalMicros: 1_009, windowMillis: 600_000 });
    const found: string[][] = [];
    const spans = new Set<string>();
    const consumer = collector.addConsumer('test', (window) => {
      found.push([...attributeCpu(window, 'rule').labels.keys()]);
      for (const span of attributeCpu(window, 'span_id').labels.keys()) spans.add(span);
    });
    const ids = [newIds(), newIds()];
    for (const id of ids) {
      await inSpan(id, () =>
        withRule('r', async () => {
          await sleep(1);
          // About 150 samples. Even if nine in ten are lost, a span without any is rarer than one in
          // a million runs.
          burnCpu(150);
        }),
      );
    }
    await consumer.remove();
    assert.deepEqual(found, [['r']]);
    assert.deepEqual([...spans].sort(), ids.map(({ spanId }) => spanId).sort());
  });
});
