/** Every metric and attribute of this package. Units are UCUM; no name holds a unit or `_total`. */

/** Observable counter, `s`: CPU time of a rule. The primary metric: take its `rate()`. */
export const METRIC_RULE_CPU_TIME = 'rulescope.rule.cpu.time';
/**
 * Observable gauge, `{cpu}`: CPU time of a rule in the last window, divided by the length of the
 * window and summed over the threads. 1 means that one core is busy.
 */
export const METRIC_RULE_CPU_USAGE = 'rulescope.rule.cpu.usage';
/** Observable counter, `{sample}`: samples behind {@link METRIC_RULE_CPU_TIME}. */
export const METRIC_RULE_CPU_SAMPLES = 'rulescope.rule.cpu.samples';
/**
 * Observable counter, `s2`: square of the standard error of {@link METRIC_RULE_CPU_TIME}. The
 * square root of its increase is the standard error over any span. It sums over processes. Over
 * many windows chance averages out and bias does not: add the square of 0.025 x the increase of
 * the CPU time.
 */
export const METRIC_RULE_CPU_VARIANCE = 'rulescope.rule.cpu.variance';
/** Observable gauge, `{cpu}`: one standard error of {@link METRIC_RULE_CPU_USAGE}. */
export const METRIC_RULE_CPU_STANDARD_ERROR = 'rulescope.rule.cpu.standard_error';
/** Observable counter, `s`, opt-in: CPU time of one of the hottest functions of a rule. */
export const METRIC_RULE_FUNCTION_CPU_TIME = 'rulescope.rule.function.cpu.time';
/**
 * Observable counter, `s`, opt-in: the same with all functions that it calls. Do not sum it over
 * functions: a caller contains what it calls.
 */
export const METRIC_RULE_FUNCTION_CPU_CUMULATIVE_TIME =
  'rulescope.rule.function.cpu.cumulative_time';
/**
 * Observable counter, `s`: the ledger, which is CPU time by source. The sources sum to the CPU time
 * of the process.
 */
export const METRIC_PROCESS_CPU_TIME = 'rulescope.process.cpu.time';
/** Observable gauge, `{cpu}`: CPU time by source in the last window, divided by its length. */
export const METRIC_PROCESS_CPU_USAGE = 'rulescope.process.cpu.usage';
/** Observable counter, `{window}`: windows by outcome, and by whether they were contended. */
export const METRIC_WINDOWS = 'rulescope.windows';
/** Histogram, `s`: event-loop time that closing a window takes. */
export const METRIC_WINDOW_CLOSE_DURATION = 'rulescope.window.close.duration';
/** Observable counter, `{window}`: windows that a consumer missed because it was slow. */
export const METRIC_CONSUMER_DROPPED_WINDOWS = 'rulescope.consumer.dropped_windows';
/**
 * Observable gauge, `1`: samples that show CPU use in the last window, divided by the samples
 * expected from the CPU time of the thread. Above 1.08 the thread waited for a processor. Below 0.9
 * samples are not fair. 0 after sampling has ended.
 */
export const METRIC_SAMPLER_QUALITY = 'rulescope.sampler.quality';
/** Observable gauge, `{sampler}`: 1 for the current state of the sampler, 0 for earlier states. */
export const METRIC_SAMPLER_INFO = 'rulescope.sampler.info';

/** String: the rule id. */
export const ATTR_RULE_ID = 'rulescope.rule.id';
/**
 * Boolean: `true` on the bucket of all rules without a series of their own, absent elsewhere. A
 * rule that is really called `other` does not have it.
 */
export const ATTR_RULE_OTHER = 'rulescope.rule.other';
/** String: name of a function. */
export const ATTR_CODE_FUNCTION_NAME = 'code.function.name';
/** String: path of the file of a function. Absent for V8's own, such as garbage collection. */
export const ATTR_CODE_FILE_PATH = 'code.file.path';
/** Integer: line where a function begins, 1-based. */
export const ATTR_CODE_LINE_NUMBER = 'code.line.number';
/** String: `rule`, `unlabeled`, `gc`, `runtime` or `other_threads`. */
export const ATTR_CPU_SOURCE = 'rulescope.cpu.source';
/** String: `complete`, `incomplete` or `failed`. */
export const ATTR_WINDOW_OUTCOME = 'rulescope.window.outcome';
/** Boolean: whether the thread waited for a processor for more than a tenth of its CPU time. */
export const ATTR_WINDOW_CONTENDED = 'rulescope.window.contended';
/** String: the name of a consumer of the collector. */
export const ATTR_CONSUMER_NAME = 'rulescope.consumer.name';
/** Boolean: whether the event loop blocks SIGPROF while it waits, which makes samples fair. */
export const ATTR_SAMPLER_FAIR = 'rulescope.sampler.fair';
/**
 * String: short time slice of V8's sampling thread, `applied`, `ignored` (Linux before 6.12) or
 * `refused`. Absent if it was not tried.
 */
export const ATTR_SAMPLER_SLICE = 'rulescope.sampler.slice';
/** String: how labels follow asynchronous work, `async_context_frame` or `async_hooks`. */
export const ATTR_SAMPLER_CONTEXT = 'rulescope.sampler.context';

/** Value of {@link ATTR_RULE_ID} on the bucket of all rules without a series of their own. */
export const OTHER_RULES = 'other';
