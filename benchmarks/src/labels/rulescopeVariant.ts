import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { attributeCpu, sharedCollector } from '@rulescope/profiler';
import type { Variant } from './variants';

/** Enters rules as a user does. In a file of its own: what it is compared with is not to load rulescope. */
const rulescope: Variant = { enter: (id, _, fn) => withRule(id, fn) };

export function disabled(): Variant {
  new RuleInstrumentation({ enabled: false });
  return rulescope;
}

/** Labels that nobody reads. */
export function labels(): Variant {
  new RuleInstrumentation();
  return rulescope;
}

/** Labels on samples in windows of `windowMillis`. */
export function sampled(windowMillis: number): Variant {
  sharedCollector({ windowMillis }).addConsumer('benchmark', (window) =>
    attributeCpu(window, 'rule'),
  );
  return labels();
}
