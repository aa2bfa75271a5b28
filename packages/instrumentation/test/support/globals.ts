import assert from 'node:assert/strict';
import {
  type ContextManager,
  context,
  diag,
  metrics,
  propagation,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation } from '../../src/RuleInstrumentation';
import { contextLabels } from '../../src/ContextLabels';
import { type SignalOptions, signals } from '../../src/signals';
import { ForeignContextManager } from './ForeignContextManager';
import { currentRule } from './currentRule';

const instrumentations: RuleInstrumentation[] = [];

/** Returns an instrumentation that {@link cleanGlobals} disables. */
export function instrument(enabled = true, options: SignalOptions = {}): RuleInstrumentation {
  const instrumentation = new RuleInstrumentation({ enabled, ...options });
  instrumentations.push(instrumentation);
  return instrumentation;
}

/** Registers `manager` with the API. */
export function register<M extends ContextManager>(manager: M): M {
  manager.enable();
  assert.ok(context.setGlobalContextManager(manager), 'a context manager was left registered');
  return manager;
}

/** Each registers a context manager, of its name, or none. */
export const CONTEXT_MANAGERS = {
  'the context manager of the SDK': () => register(new AsyncLocalStorageContextManager()),
  'a foreign context manager': () => register(new ForeignContextManager()),
  'no context manager': () => undefined,
};

/** Cleans the state of the thread after each test of the suite, and checks that nothing is left. */
export function cleanGlobals(): void {
  afterEach(() => {
    for (const api of [context, metrics, trace, propagation, diag]) api.disable();
    for (const instrumentation of instrumentations.splice(0)) instrumentation.disable();
    assert.equal(contextLabels().enabled, false, 'an instrumentation was left enabled');
    assert.deepEqual([signals().propagate, signals().spanLabels], [false, false]);
    assert.equal(currentRule(), undefined, 'a label was left on the flow of the test runner');
  });
}
