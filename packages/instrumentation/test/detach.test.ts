import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import { detach } from '../src/detach';
import { getRule, withRule } from '../src/rule';
import { withLabels } from '../src/withLabels';
import { CONTEXT_MANAGERS, cleanGlobals, instrument, register } from './support/globals';

for (const [name, setUp] of Object.entries(CONTEXT_MANAGERS)) {
  describe(`detach with ${name}`, () => {
    cleanGlobals();
    beforeEach(() => {
      setUp();
      instrument();
    });

    it('runs outside the rule and its labels, also after an await', async () => {
      await withLabels({ rule: 'a', tenant: 't' }, async () => {
        await detach(async () => {
          assert.deepEqual([getRule(), getLabels()], [undefined, undefined]);
          await sleep(1);
          assert.deepEqual([getRule(), getLabels()], [undefined, undefined]);
          withRule('b', () => assert.deepEqual([getRule(), getLabels()], ['b', { rule: 'b' }]));
        });
        assert.deepEqual([getRule(), getLabels()], ['a', { rule: 'a', tenant: 't' }]);
      });
    });

    it('ends labels of the profiler too', () => {
      runWithLabels({ stage: 'read' }, () => {
        detach(() => assert.equal(getLabels(), undefined));
        withRule('a', () => detach(() => assert.equal(getLabels(), undefined)));
        assert.deepEqual(getLabels(), { stage: 'read' });
      });
    });

    it('restores the rule when the function throws', () => {
      withRule('a', () => {
        const fail = (): never => {
          throw new Error('x');
        };
        assert.throws(() => detach(fail), /^Error: x$/);
        assert.deepEqual([getRule(), getLabels()], ['a', { rule: 'a' }]);
      });
    });

    it('returns what the function returns, outside any rule too', () => {
      assert.equal(
        detach(() => 1),
        1,
      );
      assert.throws(() => detach(undefined as never), /fn must be a function; got undefined/);
    });
  });
}

describe('detach', () => {
  cleanGlobals();

  it('keeps the rest of the Context, such as the active span', () => {
    register(new AsyncLocalStorageContextManager());
    const key = createContextKey('span');
    context.with(context.active().setValue(key, 's'), () =>
      withRule('a', () => detach(() => assert.equal(context.active().getValue(key), 's'))),
    );
  });

  it('works while no instrumentation is enabled', () => {
    register(new AsyncLocalStorageContextManager());
    withRule('a', () => {
      detach(() => assert.equal(getRule(), undefined));
      assert.equal(getRule(), 'a');
    });
  });
});
