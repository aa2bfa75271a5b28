import {
  RuleInstrumentation,
  type RuleInstrumentationConfig,
  withRule,
} from '@rulescope/instrumentation';
import { attributeCpu, sharedCollector } from '@rulescope/profiler';
import type { Variant } from './variants';

/** Enters rules as a user does. It has its own file because other variants must not load it. */
const rulescope: Variant = { enter: (id, _, fn) => withRule(id, fn) };

/** Creates the instrumentation disabled. */
export function disabled(): Variant {
  new RuleInstrumentation({ enabled: false });
  return rulescope;
}

/** Enables labels; nothing samples. */
export function labels(config: RuleInstrumentationConfig = {}): Variant {
  new RuleInstrumentation(config);
  return rulescope;
}

/** Enables labels and samples in windows of `windowMillis`. */
export function sampled(windowMillis: number, config?: RuleInstrumentationConfig): Variant {
  sharedCollector({ windowMillis }).addConsumer('benchmark', (window) =>
    attributeCpu(window, 'rule'),
  );
  return labels(config);
}
