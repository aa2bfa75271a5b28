/** Every metric and attribute of this package. Units are UCUM; no name holds a unit or `_total`. */

/** Observable counter, `s`: CPU time of a rule. The primary figure: take its `rate()`. */
export const METRIC_RULE_CPU_TIME = 'rule.cpu.time';
/**
 * Observable gauge, `1`: CPU time of a rule in the last window / length of the window, summed over
 * the threads. 1 is one core.
 */
export const METRIC_RULE_CPU_UTILIZATION = 'rule.cpu.utilization';
/** Observable counter, `{sample}`: samples behind `rule.cpu.time`. */
export const METRIC_RULE_CPU_SAMPLES = 'rule.cpu.samples';
/**
 * Observable counter, `s2`: square of the standard error of `rule.cpu.time`. The square root of its
 * increase is the standard error over any span, and it sums over processes. Over many windows
 * chance averages out and bias does not: add the square of 0.025 x the increase of `rule.cpu.time`.
 */
export const METRIC_RULE_CPU_VARIANCE = 'rulescope.rule.cpu.variance';
/** Observable gauge, `{cpu}`: one standard error of `rule.cpu.utilization`. */
export const METRIC_RULE_CPU_STANDARD_ERROR = 'rulescope.rule.cpu.standard_error';
/**
 * Observable counter, `s`: the ledger. CPU time by source; the sum is the CPU time of the process.
 */
export const METRIC_CPU_TIME = 'rulescope.cpu.time';
/** Observable gauge, `1`: the ledger of the last window / length of the window. */
export const METRIC_CPU_UTILIZATION = 'rulescope.cpu.utilization';
/** Observable counter, `{window}`: windows by outcome, and by whether they were contended. */
export const METRIC_WINDOWS = 'rulescope.windows';
/**
 * Observable gauge, `1`: samples that show CPU use / samples expected from the CPU time of the
 * thread, in the last window. Above 1.08 the thread waited for a processor; below 0.9 samples are
 * not fair.
 */
export const METRIC_SAMPLER_QUALITY = 'rulescope.sampler.quality';
/** Observable gauge, `{sampler}`: 1 for the current state of the sampler, 0 for earlier states. */
export const METRIC_SAMPLER_INFO = 'rulescope.sampler.info';
/** Histogram, `s`: time for which closing a window held the event loop. */
export const METRIC_PAUSE = 'rulescope.pause';
/** Observable counter, `{window}`: windows that a consumer missed because it was slow. */
export const METRIC_CONSUMER_DROPPED = 'rulescope.consumer.dropped';

/** The rule id. */
export const ATTR_RULE_ID = 'rule.id';
/**
 * `true` on the bucket of all rules without a series of their own. Any string is a legal rule id.
 */
export const ATTR_OTHER = 'rulescope.other';
/** `rule`, `unlabelled`, `gc`, `runtime` or `other_threads`. */
export const ATTR_CPU_SOURCE = 'rulescope.cpu.source';
/** `complete`, `incomplete` or `failed`. */
export const ATTR_WINDOW_OUTCOME = 'rulescope.window.outcome';
/** Boolean: whether the thread waited for a processor for more than a tenth of its CPU time. */
export const ATTR_WINDOW_CONTENDED = 'rulescope.window.contended';
/** Boolean: whether the event loop blocks SIGPROF while it waits, so that samples are fair. */
export const ATTR_SAMPLER_FAIR = 'rulescope.sampler.fair';
/**
 * Short time slice of V8's sampling thread: `applied`, `ignored` (Linux before 6.12) or `refused`.
 * Absent: not tried.
 */
export const ATTR_SAMPLER_SLICE = 'rulescope.sampler.slice';
/** How labels follow asynchronous work: `async_context_frame` or `async_hooks`. */
export const ATTR_SAMPLER_CONTEXT = 'rulescope.sampler.context';
/** Name of a consumer of the collector. */
export const ATTR_CONSUMER = 'rulescope.consumer';

/** `rule.id` of the bucket of all other rules. */
export const OTHER_RULES = 'other';
