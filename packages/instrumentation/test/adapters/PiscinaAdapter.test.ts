import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { PiscinaAdapter, type PiscinaConfig } from '../../src/adapters/PiscinaAdapter';
import { type CarriedTask, runInRule } from '../../src/adapters/piscinaTask';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

type Rule = string | undefined;

class TaskInfo extends AsyncResource {
  filename = '/app/resize.js';
  name = 'default';
  constructor(public task: unknown) {
    super('task');
  }
}

describe('PiscinaAdapter', () => {
  cleanGlobals();
  beforeEach(() => register(new AsyncLocalStorageContextManager()));

  function workerOf(adapter: PiscinaAdapter) {
    class WorkerInfo {
      /** Returns the task as the thread gets it, and the rule in which it is copied. */
      postTask({ task, filename, name }: TaskInfo): [CarriedTask | string, string, string, Rule] {
        return [task as CarriedTask | string, filename, name, getRule()];
      }
      _handleResponse(): Rule {
        return getRule();
      }
    }
    patchFile(adapter, 'dist/worker_pool/index.js', { WorkerInfo });
    return new WorkerInfo();
  }
  const own = { filename: '/app/resize.js', name: 'default' };

  /** Returns the rule that a task of the rule `caller` gets, posted in another rule. */
  function ruleOf(config: PiscinaConfig, caller: Rule): Rule {
    const create = (): TaskInfo => new TaskInfo('work');
    const info = caller === undefined ? create() : withRule(caller, create);
    const worker = workerOf(new PiscinaAdapter(config));
    const [carried, , , rule] = withRule('other', () => worker.postTask(info));
    if (carried === 'work') return undefined;
    assert.deepEqual(carried, { rule, task: 'work', ...own });
    return rule;
  }

  it('takes the rule of the caller, not the one that is current when a thread is free', () => {
    assert.equal(ruleOf({}, 'a'), 'a');
    assert.equal(ruleOf({}, undefined), undefined);
  });

  it('takes what ruleOf returns, or else the rule of the caller', () => {
    const seen: unknown[] = [];
    const config: PiscinaConfig = { ruleOf: (task) => String(seen.push(task)) };
    assert.equal(ruleOf(config, 'a'), '1');
    assert.equal(ruleOf(config, undefined), '2');
    assert.deepEqual(seen, Array(2).fill({ task: 'work', ...own }));
    assert.equal(ruleOf({ ruleOf: () => undefined }, 'a'), 'a');
    const fails = (): never => {
      throw new Error('no rule');
    };
    assert.equal(ruleOf({ ruleOf: fails }, 'a'), 'a');
  });

  it('handles what a thread sends outside the rule that first needed it', () => {
    const worker = workerOf(new PiscinaAdapter());
    assert.equal(
      withRule('opener', () => worker._handleResponse()),
      undefined,
    );
  });

  it('passes a task on as it is while it is off', () => {
    assert.equal(ruleOf({ enabled: false }, 'a'), undefined);
  });

  it('calls a handler of the thread in the rule', async () => {
    const call = (filename: string, name: string): Promise<unknown> =>
      runInRule({ rule: 'r', task: 2, filename, name });
    const handlers = require.resolve('../support/handlers');
    assert.deepEqual(await call(handlers, 'default'), [2, 'r']);
    assert.deepEqual(await call(handlers, 'later'), [2, 'r']);
    assert.deepEqual(await call(handlers, 'promised'), [2, 'r']);
    await assert.rejects(call(handlers, 'fails'), RangeError);
    const missing = `No handler function exported from ${handlers}`;
    await assert.rejects(call(handlers, 'none'), { message: missing });
  });
});
