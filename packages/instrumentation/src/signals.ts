import { perThread, slotKey } from '@rulescope/profiler/internal';

/** Returns the rule for an id that has arrived in baggage, or `undefined` to refuse the id. */
export type IncomingRule = (id: string) => string | undefined;

/** What an instrumentation does beside labeling rules. */
export interface SignalOptions {
  /**
   * Whether the rule travels to other processes. Default false. With `true` each Context that
   * carries a rule also has it in its W3C Baggage (`rulescope.rule.id`), which propagators send to
   * every server that is called. Work whose Context arrives with such baggage is in that rule until
   * it enters another one.
   */
  readonly propagate?: boolean;
  /**
   * Called with each id that arrives in baggage, shortened to 256 characters. Returns the rule, or
   * `undefined` to refuse the id. Called whenever such a Context is read or entered, so it must be
   * fast. If it throws, a warning (code `RULESCOPE_INCOMING_RULE`) says so once per process, and
   * the work belongs to no rule. Default: each id is the rule. Without `propagate` it is not called.
   */
  readonly incomingRule?: IncomingRule;
  /**
   * Whether samples have the labels `trace_id` and `span_id` of the active span, if it is sampled.
   * Default false.
   */
  readonly spanLabels?: boolean;
}

/** What the enabled instrumentations of a thread do together beside labeling rules. */
class Signals {
  /** Whether rules are put into baggage and taken from it. */
  propagate = false;
  /** The function of the last instrumentation that propagates. */
  incomingRule: IncomingRule | undefined;
  /** Whether the ids of the active span are labels. */
  spanLabels = false;
  /** Raised when Contexts shall carry or mean another rule: what was cached of them is outdated. */
  changes = 0;
  private readonly users = new Map<object, SignalOptions>();

  /** Replaces the options of `user`. `undefined` removes it. */
  set(user: object, options: SignalOptions | undefined): void {
    const { propagate, incomingRule } = this;
    if (options === undefined) this.users.delete(user);
    else this.users.set(user, options);
    const all = [...this.users.values()];
    const propagating = all.filter((each) => each.propagate);
    this.propagate = propagating.length > 0;
    this.incomingRule = propagating.at(-1)?.incomingRule;
    this.spanLabels = all.some((each) => each.spanLabels);
    if (this.propagate !== propagate || this.incomingRule !== incomingRule) this.changes++;
  }
}

/** All copies of this package in a thread share them: a library's own copy must propagate too. */
const SLOT = slotKey<Signals>('signals', 1);

let cached: Signals | undefined;

/** Returns the signals of this thread. Called whenever a Context is entered, hence cached. */
export function signals(): Signals {
  return (cached ??= perThread(SLOT, () => new Signals()));
}
