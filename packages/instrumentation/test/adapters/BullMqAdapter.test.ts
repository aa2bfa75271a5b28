import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BullMqAdapter, type BullMqConfig, type BullMqJob } from '../../src/adapters/BullMqAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

type Rule = string | undefined;

const JOB: BullMqJob = { name: 'resize', queueName: 'images', data: { tenant: 't1' } };

describe('BullMqAdapter', () => {
  cleanGlobals();
  beforeEach(() => register(new AsyncLocalStorageContextManager()));

  function workerOf(config: BullMqConfig) {
    class Worker {
      run(): Rule {
        return getRule();
      }
      callProcessJob(_job: BullMqJob): Rule {
        return getRule();
      }
      emit(_event: string, _subject?: unknown): Rule {
        return getRule();
      }
    }
    patchFile(new BullMqAdapter(config), 'dist/cjs/classes/worker.js', { Worker });
    return new Worker();
  }

  /**
   * Returns the rules of the processor, of a listener, and of the processor in a sandbox. All are
   * called in a rule.
   */
  function rulesOf(config: BullMqConfig): Rule[] {
    class ChildProcessor {
      start(_job: object): Rule {
        return getRule();
      }
    }
    const path = 'dist/cjs/classes/child-processor.js';
    patchFile(new BullMqAdapter(config), path, { ChildProcessor });
    const worker = workerOf(config);
    return withRule('caller', () => [
      worker.callProcessJob(JOB),
      worker.emit('completed', JOB),
      new ChildProcessor().start({ ...JOB, data: JSON.stringify(JOB.data) }),
    ]);
  }

  it('takes the names of the queue and of the job', () => {
    assert.deepEqual(rulesOf({}), ['images:resize', 'images:resize', 'images:resize']);
  });

  it('takes what ruleOf returns, with the same data in a sandbox', () => {
    const byTenant = ({ data }: BullMqJob): string => (data as { tenant: string }).tenant;
    assert.deepEqual(rulesOf({ ruleOf: byTenant }), ['t1', 't1', 't1']);
    assert.deepEqual(rulesOf({ ruleOf: ({ queueName }) => queueName }), Array(3).fill('images'));
    assert.deepEqual(rulesOf({ ruleOf: () => undefined }), Array(3).fill('caller'));
  });

  it('leaves events that are not about a job in the rule of their caller', () => {
    const worker = workerOf({});
    const events = withRule('caller', () => [
      worker.emit('drained'),
      worker.emit('stalled', '17'),
      worker.emit('failed'),
    ]);
    assert.deepEqual(events, ['caller', 'caller', 'caller']);
  });

  it('opens connections and sandboxes and fetches jobs outside any rule', () => {
    const opened = { init: (): Rule => getRule() };
    const polls = { run: (): Rule => getRule() };
    const adapter = new BullMqAdapter();
    const patch = (file: string, exports: object): void =>
      patchFile(adapter, `dist/cjs/classes/${file}.js`, exports);
    patch('redis-connection', { RedisConnection: { prototype: opened } });
    patch('queue-events', { QueueEvents: { prototype: polls } });
    const child = { init: (): Rule => getRule() };
    patch('child', { Child: { prototype: child } });
    const found = withRule('opener', () => [
      opened.init(),
      polls.run(),
      child.init(),
      workerOf({}).run(),
      getRule(),
    ]);
    assert.deepEqual(found, [undefined, undefined, undefined, undefined, 'opener']);
  });

  it('does nothing while it is off', () => {
    assert.deepEqual(rulesOf({ enabled: false }), ['caller', 'caller', 'caller']);
    const off = workerOf({ enabled: false });
    assert.equal(
      withRule('opener', () => off.run()),
      'opener',
    );
  });
});
