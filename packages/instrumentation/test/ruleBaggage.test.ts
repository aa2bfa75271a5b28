import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, context, diag, propagation } from '@opentelemetry/api';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import { getLabels } from '@rulescope/profiler';
import { boundedString } from '@rulescope/profiler/internal';
import fc from 'fast-check';
import { RuleSpanProcessor } from '../src/RuleSpanProcessor';
import { detach } from '../src/detach';
import { bindRule, getRule, setRule, withRule } from '../src/rule';
import { withLabels } from '../src/withLabels';
import { LogSpy } from './support/LogSpy';
import { currentRule } from './support/currentRule';
import { cleanGlobals, instrument } from './support/globals';
import { startSdk } from './support/startSdk';

/** The baggage that a request would have now. */
function sent(from = context.active()): string | undefined {
  const headers: { baggage?: string } = {};
  propagation.inject(from, headers);
  return headers.baggage;
}

/** Handles a request with this baggage, as instrumentations of servers do. */
function receive<R>(baggage: string | undefined, fn: () => R): R {
  return context.with(propagation.extract(ROOT_CONTEXT, { baggage }), fn);
}

/** The rule in the Context and the rule in the label. */
function rules(): (string | undefined)[] {
  return [getRule(), currentRule()];
}

/** Loads another copy of the package, as a library with `node_modules` of its own has. */
function anotherCopy(): { withRule: typeof withRule } {
  const ours = Object.entries(require.cache).filter(([file]) =>
    /instrumentation.build.src/.test(file),
  );
  try {
    for (const [file] of ours) delete require.cache[file];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads another copy
    return require('../src/rule') as { withRule: typeof withRule };
  } finally {
    Object.assign(require.cache, Object.fromEntries(ours));
  }
}

const INCOMING = 'rulescope.rule.id=in';

describe('rules in baggage', () => {
  cleanGlobals();
  let sdk: NodeSDK;
  beforeEach(() => (sdk = startSdk([new RuleSpanProcessor()])));
  afterEach(() => sdk.shutdown());

  it('are neither sent nor taken by default', () => {
    instrument();
    withRule('a', () => assert.equal(sent(), undefined));
    receive(INCOMING, () => {
      assert.deepEqual(rules(), [undefined, undefined]);
      withRule('a', () => assert.equal(sent(), INCOMING));
      detach(() => assert.equal(sent(), INCOMING));
    });
  });

  it('are neither sent nor taken while the instrumentation is off', () => {
    const off = instrument(false, { propagate: true });
    const check = (expected: readonly unknown[]): void => {
      const found = [withRule('a', sent), receive(INCOMING, getRule)];
      assert.deepEqual(found, expected);
    };
    for (let round = 0; round < 3; round++) {
      check([undefined, undefined]);
      off.enable();
      for (let again = 0; again < 3; again++) check(['rulescope.rule.id=a', 'in']);
      off.disable();
    }
    off.setConfig({ propagate: true });
    check(['rulescope.rule.id=a', 'in']);
    off.setConfig({});
    check([undefined, undefined]);
  });

  it('are sent from rules that another copy of the package has entered before', () => {
    const copy = anotherCopy();
    assert.notEqual(copy.withRule, withRule);
    // The second time, the copy keeps the Context.
    for (let time = 0; time < 3; time++) assert.equal(copy.withRule('a', sent), undefined);
    instrument(true, { propagate: true });
    assert.equal(copy.withRule('a', sent), 'rulescope.rule.id=a');
    receive(INCOMING, () => copy.withRule('in', () => assert.deepEqual(rules(), ['in', 'in'])));
  });

  it('are judged anew when incomingRule has changed', () => {
    const instrumentation = instrument(true, { propagate: true, incomingRule: () => 'a' });
    receive(INCOMING, () => {
      for (let time = 0; time < 3; time++) withRule('b', () => undefined);
      instrumentation.setConfig({ propagate: true, incomingRule: () => 'b' });
      withRule('a', () => assert.equal(getRule(), 'a'));
    });
  });

  describe('with propagate: true, sent', () => {
    beforeEach(() => void instrument(true, { propagate: true }));

    it('by every way into a rule, and the innermost one', async () => {
      const expected = 'rulescope.rule.id=a%2Fb';
      assert.equal(bindRule('a/b', () => sent())(), expected);
      assert.equal(sent(setRule(ROOT_CONTEXT, 'a/b')), expected);
      assert.equal(withLabels({ rule: 'a/b', tenant: 't' }, sent), expected);
      await withRule('a/b', async () => {
        await sleep(1);
        assert.equal(sent(), expected);
        withRule('c', () => assert.equal(sent(), 'rulescope.rule.id=c'));
        withLabels({ tenant: 't' }, () => assert.equal(sent(), expected));
        assert.equal(sent(), expected);
      });
      assert.equal(sent(), undefined);
    });

    it('beside other entries, which keep their values and properties', () => {
      receive('user=ann%20b;ttl=1,x=y', () => {
        for (let again = 0; again < 3; again++) {
          withRule('a', () => assert.equal(sent(), 'user=ann%20b;ttl=1,x=y,rulescope.rule.id=a'));
        }
        withRule('a', () => detach(() => assert.equal(sent(), 'user=ann%20b;ttl=1,x=y')));
        assert.equal(sent(), 'user=ann%20b;ttl=1,x=y');
      });
    });

    it('without crowding out others where the baggage is full', () => {
      const full = Array.from({ length: 300 }, (_, i) => `k${i}=v`).join();
      receive(full, () => {
        const others = sent();
        assert.equal(withRule('a', sent), others);
      });
    });

    it('whatever the id is, and with the bounded id if it is long', () => {
      const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 600 });
      const half = fc.constantFrom('\ud800', 'a\udc00b', 'ü'.repeat(1_000_000), ' a ', 'a=b;c,d%');
      fc.assert(
        fc.property(fc.oneof(id, half), (rule) => {
          const header = withRule(rule, sent)!;
          assert.ok(header.length <= 4_096, `${header.length}`);
          const expected = Buffer.from(boundedString(rule)).toString();
          assert.deepEqual(receive(header, rules), [expected, expected]);
        }),
      );
    });
  });

  describe('with propagate: true, received', () => {
    it('are rules until another one is entered', async () => {
      instrument(true, { propagate: true });
      await receive(INCOMING, async () => {
        assert.deepEqual(rules(), ['in', 'in']);
        await sleep(1);
        assert.deepEqual(rules(), ['in', 'in']);
        withRule('in', () => assert.deepEqual(rules(), ['in', 'in']));
        await withRule('inner', async () => {
          await sleep(1);
          assert.deepEqual(rules(), ['inner', 'inner']);
          assert.equal(sent(), 'rulescope.rule.id=inner');
        });
        assert.deepEqual([...rules(), sent()], ['in', 'in', INCOMING]);
      });
      assert.deepEqual(rules(), [undefined, undefined]);
    });

    it('are the rule beside other labels, in any order', () => {
      instrument(true, { propagate: true });
      const both = { rule: 'in', tenant: 't' };
      receive(INCOMING, () =>
        withLabels({ tenant: 't' }, () => assert.deepEqual(getLabels(), both)),
      );
      withLabels({ tenant: 't' }, () => {
        const received = propagation.extract(context.active(), { baggage: INCOMING });
        context.with(received, () => assert.deepEqual(getLabels(), both));
      });
    });

    it('do not replace a rule that the Context has', () => {
      instrument(true, { propagate: true });
      withRule('own', () => {
        const received = propagation.extract(context.active(), { baggage: INCOMING });
        context.with(received, () => assert.deepEqual(rules(), ['own', 'own']));
      });
    });

    it('end in detach()', () => {
      instrument(true, { propagate: true });
      receive(`${INCOMING},x=y`, () => {
        detach(() => assert.deepEqual([...rules(), sent()], [undefined, undefined, 'x=y']));
        assert.deepEqual(rules(), ['in', 'in']);
      });
    });

    it('are shortened, and no work has a rule if there is none', () => {
      instrument(true, { propagate: true });
      const long = 'x'.repeat(4_000);
      receive(`rulescope.rule.id=${long}`, () => assert.equal(getRule(), boundedString(long)));
      for (const none of [undefined, '', 'x=y', 'rulescope.rule.id=', 'rulescope.rule.id=%E0%A4']) {
        receive(none, () => assert.deepEqual(rules(), [undefined, undefined]));
      }
    });

    it('are mapped or refused by incomingRule', () => {
      const known = new Map([['in', 'mapped']]);
      instrument(true, { propagate: true, incomingRule: (id) => known.get(id) });
      receive(INCOMING, () => assert.deepEqual(rules(), ['mapped', 'mapped']));
      receive('rulescope.rule.id=other', () => {
        assert.deepEqual(rules(), [undefined, undefined]);
        withLabels({ tenant: 't' }, () => assert.deepEqual(getLabels(), { tenant: 't' }));
        withRule('a', () => assert.deepEqual(rules(), ['a', 'a']));
      });
    });

    it('are judged by the instrumentation that propagates and was created last', () => {
      instrument(true, { propagate: true, incomingRule: () => 'first' });
      const last = instrument(true, { propagate: true, incomingRule: () => 'last' });
      instrument(true, { incomingRule: () => 'does not propagate' });
      receive(INCOMING, () => assert.equal(getRule(), 'last'));
      last.disable();
      receive(INCOMING, () => assert.equal(getRule(), 'first'));
    });

    it('are refused with a warning if incomingRule throws or returns something else', () => {
      const log = new LogSpy();
      diag.setLogger(log);
      const wrong: unknown[] = [5, null, Promise.resolve('a')];
      const incomingRule = (): string => {
        if (wrong.length === 0) throw new Error('unknown tenant');
        return wrong.pop() as string;
      };
      instrument(true, { propagate: true, incomingRule });
      for (let time = 0; time < 5; time++) {
        assert.deepEqual(
          receive(INCOMING, () => [getRule()]),
          [undefined],
        );
      }
      assert.equal(log.errors.length, 1);
      assert.match(log.errors[0]!, /incomingRule failed \(TypeError: it returned a object\)/);
    });
  });
});
