/** Every metric and attribute this package emits. Units are UCUM; a name holds neither its unit nor `_total`. */

/** Observable counter, `s`: CPU time of a rule since the metrics began. The primary figure: take its `rate()`. */
export const METRIC_RULE_CPU_TIME = 'rule.cpu.time';
/** Observable gauge, `1`: CPU time of a rule in the last window / length of the window, summed over the threads. 1 is one core. */
export const METRIC_RULE_CPU_UTILIZATION = 'rule.cpu.utilization';
/** Observable counter, `{sample}`: hits behind `rule.cpu.time`. Its relative standard error is about 1 / sqrt(hits). */
export const METRIC_RULE_CPU_SAMPLES = 'rule.cpu.samples';
/** Observable counter, `s`: the ledger. CPU time by source; the sum is the CPU time of the process. */
export const METRIC_CPU_TIME = 'rulescope.cpu.time';
/** Observable gauge, `1`: the ledger of the last window / length of the window. */
export const METRIC_CPU_UTILIZATION = 'rulescope.cpu.utilization';
/** Observable counter, `{window}`: windows by outcome. */
export const METRIC_WINDOWS = 'rulescope.windows';
/** Histogram, `s`: time for which closing a window held the event loop. */
export const METRIC_PAUSE = 'rulescope.pause';
/** Observable counter, `{window}`: windows that a consumer missed because it was slow. */
export const METRIC_CONSUMER_DROPPED = 'rulescope.consumer.dropped';

/** Id of the rule. */
export const ATTR_RULE_ID = 'rule.id';
/** `"true"` on the bucket that holds all rules without a series of their own; absent on a rule. */
export const ATTR_OTHER = 'rulescope.other';
/** `rule`, `unlabelled`, `gc`, `runtime` or `other_threads`. */
export const ATTR_CPU_SOURCE = 'rulescope.cpu.source';
/** `complete`, `incomplete` or `failed`. */
export const ATTR_WINDOW_OUTCOME = 'rulescope.window.outcome';
/** Name of a consumer of the collector. */
export const ATTR_CONSUMER = 'rulescope.consumer';

/** `rule.id` of the bucket of all other rules. */
export const OTHER_RULES = 'other';
