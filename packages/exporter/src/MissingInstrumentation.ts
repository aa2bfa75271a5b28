import { threadId } from 'node:worker_threads';
import type { ProfileWindow } from '@rulescope/profiler';
import { type ThreadSetup, threadSetup, warnOnce } from '@rulescope/profiler/internal';

/** A rule that was entered this long before, milliseconds, would have a label by now. */
const AFTER_RULE_MILLIS = 1_000;
/** An application that measures for so long, milliseconds, without rules will not add any. */
const WITHOUT_RULE_MILLIS = 60_000;

/**
 * Warns on stderr (code `RULESCOPE_NO_INSTRUMENTATION`) if CPU is measured, but no rule can be seen,
 * because the application has no `RuleInstrumentation`. Time is the length of the windows, so a busy
 * event loop does not shorten it.
 */
export class MissingInstrumentation {
  private measuredMillis = 0;
  private decided = false;

  constructor(
    private readonly setup: Pick<ThreadSetup, 'instrumentation' | 'rules'> = threadSetup(),
    private readonly warn: (...warning: Parameters<typeof warnOnce>) => void = warnOnce,
  ) {}

  /**
   * Looks at the next window of any thread.
   *
   * @param hasRules Whether this window or an earlier one has CPU of a rule.
   */
  update({ durationMillis, error, origin, workers = [] }: ProfileWindow, hasRules: boolean): void {
    if (this.decided) return;
    // Labels can come from another source. In a sampled worker there is an instrumentation.
    const ofWorker = workers.length > 0 || origin.threadId !== threadId;
    if (hasRules || this.setup.instrumentation || ofWorker) {
      this.decided = true;
      return;
    }
    if (error === undefined) this.measuredMillis += durationMillis;
    const patience = this.setup.rules ? AFTER_RULE_MILLIS : WITHOUT_RULE_MILLIS;
    if (this.measuredMillis < patience) return;
    this.decided = true;
    this.warn(
      'rulescope: RuleMetrics measures CPU, but no rule, because there is no RuleInstrumentation: ' +
        'add new RuleInstrumentation() to the instrumentations of your SDK, and to each worker',
      'RULESCOPE_NO_INSTRUMENTATION',
    );
  }
}
