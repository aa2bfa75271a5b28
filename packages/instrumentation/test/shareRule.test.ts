import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT_CONTEXT, context, diag, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import { labelStorage, sharedLabelIn } from '@rulescope/profiler/internal';
import { RuleSpanProcessor } from '../src/RuleSpanProcessor';
import { carryRule } from '../src/carryRule';
import { detach } from '../src/detach';
import { bindRule, getRule, setRule, withRule } from '../src/rule';
import { shareRule } from '../src/shareRule';
import { withLabels } from '../src/withLabels';
import { LogSpy } from './support/LogSpy';
import { CONTEXT_MANAGERS, cleanGlobals, instrument, register } from './support/globals';
import { startSdk } from './support/startSdk';

/** The rule of the flow, or the weights of its rules; beside its other labels, if it has any. */
function now(): unknown {
  const { rule, ...labels } = getLabels() ?? {};
  const shared = sharedLabelIn(getLabels());
  const rules = shared === undefined ? rule : Object.fromEntries(shared.weights);
  assert.equal(getRule(), rule);
  const others = Object.entries(labels);
  return others.length === 0 ? rules : [rules, Object.fromEntries(others)];
}

const AB = { a: 2, b: 1 };
const HUNDRED = Object.fromEntries(
  Array.from({ length: 100 }, (_, i) => [`a rule with a long name ${i}`, i + 1]),
);

for (const [name, setUp] of Object.entries(CONTEXT_MANAGERS)) {
  describe(`shareRule with ${name}`, () => {
    cleanGlobals();
    beforeEach(() => {
      setUp();
      instrument();
    });

    it('has several rules in the function and its asynchronous work, and nowhere else', async () => {
      const seen: unknown[] = [];
      const look = () => seen.push(now());
      const work = shareRule(AB, async () => {
        look();
        await sleep(1);
        look();
        return 'result';
      });
      look();
      assert.equal(await work, 'result');
      assert.deepEqual(seen, [AB, undefined, AB]);
    });

    it('replaces a rule and is replaced by a rule, and each is restored', () => {
      const seen: unknown[] = [];
      const look = () => seen.push(now());
      withRule('outer', () => {
        shareRule(AB, () => {
          look();
          withRule('inner', () => {
            look();
            shareRule({ c: 1, d: 1 }, look);
            look();
          });
          shareRule({ b: 1, c: 3 }, look);
          shareRule({ ...AB }, look);
          look();
        });
        look();
      });
      assert.deepEqual(seen, [
        AB,
        'inner',
        { c: 1, d: 1 },
        'inner',
        { b: 1, c: 3 },
        AB,
        AB,
        'outer',
      ]);
    });

    it('throws and rejects as the function does, and restores the outer rule', async () => {
      const error = new Error('mine');
      const isMine = (thrown: unknown) => thrown === error;
      withRule('outer', () => {
        assert.throws(
          () =>
            shareRule(AB, () => {
              throw error;
            }),
          isMine,
        );
        assert.equal(now(), 'outer');
      });
      await assert.rejects(
        shareRule(AB, () => Promise.reject(error)),
        isMine,
      );
      assert.equal(now(), undefined);
    });

    it('keeps labels beside the rules, from outside and inside', () => {
      withLabels({ tenant: 't' }, () =>
        shareRule(AB, () => {
          assert.deepEqual(now(), [AB, { tenant: 't' }]);
          withLabels({ stage: 's' }, () =>
            assert.deepEqual(now(), [AB, { tenant: 't', stage: 's' }]),
          );
          withRule('r', () => assert.deepEqual(now(), ['r', { tenant: 't' }]));
          runWithLabels({ stage: 's' }, () => {
            assert.deepEqual(now(), [AB, { tenant: 't', stage: 's' }]);
            withRule('r', () => assert.deepEqual(now(), ['r', { tenant: 't', stage: 's' }]));
          });
        }),
      );
    });

    it('does what withRule does for one rule', () => {
      shareRule({ only: 7 }, () => assert.equal(now(), 'only'));
    });

    it('ends in detach, and stays out of functions that are bound to a rule', () => {
      shareRule(AB, () => {
        const bound = bindRule('r', now);
        assert.equal(detach(now), undefined);
        assert.deepEqual([bound(), now()], ['r', AB]);
      });
    });

    it('moves with the Context', () => {
      if (name === 'no context manager') return;
      shareRule(AB, () => {
        const active = context.active();
        const bound = context.bind(active, now);
        context.with(ROOT_CONTEXT, () => {
          assert.equal(now(), undefined);
          assert.deepEqual([bound(), context.with(active, now)], [AB, AB]);
          assert.equal(context.with(setRule(active, 'r'), now), 'r');
        });
      });
    });

    it('has the same label context for equal weights, of which each costs a native object', () => {
      const current = () => labelStorage().currentLabelContext();
      for (const weights of [AB, HUNDRED]) {
        // A parent Context is known from its second entry on.
        const seen = Array.from({ length: 5 }, () => shareRule({ ...weights }, current));
        assert.equal(new Set(seen.slice(1)).size, 1);
        assert.equal(new Set(seen.map((each) => each?.labels)).size, 1);
      }
    });

    it('reads the weights at each call', () => {
      const weights: Record<string, number> = { a: 1, b: 1 };
      shareRule(weights, () => assert.deepEqual(now(), { a: 1, b: 1 }));
      weights['b'] = 3;
      shareRule(weights, () => assert.deepEqual(now(), { a: 1, b: 3 }));
      delete weights['a'];
      shareRule(weights, () => assert.equal(now(), 'b'));
    });
  });
}

describe('shareRule', () => {
  cleanGlobals();

  it('takes any string as an id', () => {
    instrument();
    const ids = ['', '__proto__', '1', '{"a":1}', '\u0000\n', '\ud800', 'constructor'];
    const weights = Object.fromEntries(ids.map((id) => [id, 1]));
    assert.deepEqual(shareRule(weights, now), weights);
  });

  it('is followed while the instrumentation is off, and labels nothing', () => {
    register(new AsyncLocalStorageContextManager());
    const instrumentation = instrument(false);
    shareRule(AB, () => {
      assert.equal(getLabels(), undefined);
      instrumentation.enable();
      shareRule(AB, () => assert.deepEqual(now(), AB));
      shareRule({ ...AB }, () => assert.deepEqual(now(), AB));
    });
  });

  it('calls the function in the current rule if the weights are not allowed', () => {
    instrument();
    const log = new LogSpy();
    diag.setLogger(log);
    const circular = {};
    Object.assign(circular, { circular });
    const wrong: unknown[] = [undefined, null, 1, 'a', [1], {}, new Map([['a', 1]]), circular];
    for (const weight of [0, -1, NaN, Infinity, '1', null, undefined, 1n, {}, () => 1])
      wrong.push({ a: 1, b: weight });
    wrong.push(Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [i, 1])));
    withRule('outer', () => {
      for (const weights of wrong) assert.equal(shareRule(weights as never, now), 'outer');
    });
    assert.ok(log.errors.length <= 1, 'one warning per process');
    const call = () => shareRule(AB, undefined as never);
    assert.throws(call, { name: 'InvalidOptionError', message: /^fn must be a function; got/ });
  });

  it('keeps no more than some hundreds of weights that change', async () => {
    const program = `
      const { RuleInstrumentation, shareRule } = require('@rulescope/instrumentation');
      new RuleInstrumentation();
      const ids = Array.from({ length: 1_000 }, (_, i) => 'rule ' + i);
      for (let round = 1; round <= 2_000; round++) {
        shareRule(Object.fromEntries(ids.map((id, i) => [id, 1 + i / round])), () => undefined);
      }
      gc();
      console.log(process.memoryUsage().heapUsed / 1e6);`;
    const args = ['--expose-gc', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: __dirname });
    // 256 of them take about 40 MB, and 2,000 more than 200.
    assert.ok(Number(stdout) < 100, stdout);
  });

  for (const [weights, reason] of [
    ['{ a: 1, b: 0 }', 'weights["b"] must be a finite number above 0; got 0'],
    ['{ a: 1, b: NaN }', 'weights["b"] must be a finite number above 0; got NaN'],
    ['{ a: 1n }', 'weights["a"] must be a finite number above 0; got 1'],
    ['{}', 'the number of weights must be an integer from 1 to 1000; got 0'],
    ['[1, 2]', 'weights must be an object; got an array'],
    ['undefined', 'weights must be an object; got undefined'],
  ]) {
    it(`warns once of ${weights}`, async () => {
      const program = `
        const { shareRule } = require('@rulescope/instrumentation');
        for (let i = 0; i < 3; i++) shareRule(${weights}, () => console.log('called'));`;
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', program], {
        cwd: __dirname,
      });
      assert.equal(stdout, 'called\n'.repeat(3));
      assert.deepEqual(stderr.match(/\[RULESCOPE_\w+\] Warning: .*/g), [
        `[RULESCOPE_WEIGHTS] Warning: rulescope: ${reason}; the work stays in the rule of its caller`,
      ]);
    });
  }
});

describe('several rules at once', () => {
  cleanGlobals();

  it('send no rule in baggage, take none, and leave its other entries alone', async () => {
    const sdk = startSdk([]);
    instrument(true, { propagate: true });
    const sent = () => {
      const headers: { baggage?: string } = {};
      propagation.inject(context.active(), headers);
      return headers.baggage;
    };
    const baggage = 'rulescope.rule.id=in,user=7';
    context.with(propagation.extract(ROOT_CONTEXT, { baggage }), () => {
      assert.equal(now(), 'in');
      shareRule(AB, () => {
        assert.deepEqual([now(), sent()], [AB, 'user=7']);
        withLabels({ tenant: 't' }, () => assert.equal(sent(), 'user=7'));
        withRule('a', () => assert.equal(sent(), 'user=7,rulescope.rule.id=a'));
        const received = propagation.extract(context.active(), { baggage: 'rulescope.rule.id=x' });
        context.with(received, () => assert.deepEqual(now(), AB));
        assert.equal(detach(now), undefined);
      });
      assert.deepEqual([now(), sent()], ['in', baggage]);
    });
    await sdk.shutdown();
  });

  it('are on no span and in no message to another thread', async () => {
    const attributes: unknown[] = [];
    const keep = new (class extends RuleSpanProcessor {
      override onStart(): void {}
      override onEnd(span?: { attributes: unknown }): void {
        attributes.push(span?.attributes);
      }
    })();
    const sdk = startSdk([new RuleSpanProcessor(), keep]);
    instrument();
    withRule('outer', () =>
      shareRule(AB, () => {
        trace.getTracer('test').startSpan('shared').end();
        const message = {};
        assert.equal(carryRule(message), message);
      }),
    );
    assert.deepEqual(attributes, [{}]);
    await sdk.shutdown();
  });

  it('are in the labels beside the ids of the active span', async () => {
    const sdk = startSdk([new RuleSpanProcessor()]);
    instrument(true, { spanLabels: true });
    shareRule(AB, () =>
      trace.getTracer('test').startActiveSpan('span', (span) => {
        const { spanId, traceId } = span.spanContext();
        assert.deepEqual(now(), [AB, { trace_id: traceId, span_id: spanId }]);
        span.end();
      }),
    );
    await sdk.shutdown();
  });
});
