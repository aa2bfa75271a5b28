import type { AttributeValue, Context } from '@opentelemetry/api';
import { boundedString } from '@rulescope/profiler/internal';
import { ruleOf } from './contextKey';
import { ATTR_RULE_ID } from './semconv';

/** What {@link RuleSpanProcessor} needs of a span. */
export interface StartedSpan {
  setAttribute(key: string, value: AttributeValue): unknown;
}

/**
 * Gives each span the attribute `rulescope.rule.id`: the rule of the Context that it starts in. The
 * attribute stays when the span enters another rule. Add it to the `spanProcessors` of your SDK,
 * 2.x or 3.x. It keeps nothing and needs no `RuleInstrumentation`.
 */
export class RuleSpanProcessor {
  onStart(span: StartedSpan, parentContext: Context): void {
    const rule = ruleOf(parentContext);
    if (rule !== undefined) span.setAttribute(ATTR_RULE_ID, boundedString(rule));
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
