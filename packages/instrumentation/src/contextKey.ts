import { type Context, createContextKey } from '@opentelemetry/api';

/** Keys of that name are equal in all copies of the API and of this package. */
const RULE_KEY = createContextKey('rulescope.rule');

/** The rule that `context` carries. */
export function ruleOf(context: Context): string | undefined {
  return context.getValue(RULE_KEY) as string | undefined;
}

/** A Context like `context` that carries the rule `id`. */
export function contextWithRule(context: Context, id: string): Context {
  return context.setValue(RULE_KEY, id);
}
