import assert from 'node:assert/strict';
import {
  type ContextManager,
  context,
  diag,
  metrics,
  propagation,
  trace,
} from '@opentelemetry/api';
import { RuleInstrumentation } from '../../src/RuleInstrumentation';
import { contextLabels } from '../../src/threadState';
import { currentRule } from './currentRule';

const instrumentations: RuleInstrumentation[] = [];

/** An instrumentation that {@link cleanGlobals} disables. */
export function instrument(enabled = true): RuleInstrumentation {
  const instrumentation = new RuleInstrumentation({ enabled });
  instrumentations.push(instrumentation);
  return instrumentation;
}

/** Makes `manager` the one of the API. */
export function register<M extends ContextManager>(manager: M): M {
  manager.enable();
  assert.ok(context.setGlobalContextManager(manager), 'a context manager was left registered');
  return manager;
}

/** Undoes after each test of the suite what it did to the thread, and checks that no trace is left. */
export function cleanGlobals(): void {
  afterEach(() => {
    for (const api of [context, metrics, trace, propagation, diag]) api.disable();
    for (const instrumentation of instrumentations.splice(0)) instrumentation.disable();
    assert.equal(contextLabels().enabled, false, 'an instrumentation was left enabled');
    assert.equal(currentRule(), undefined, 'a label was left on the flow of the test runner');
  });
}
