import type { Truth } from './Truth';
import type { Rule } from './rules';

/** Calls `fn` in the rule `id`. */
export type WithRule = <R>(id: string, fn: () => R) => R;

/** The work that a driver schedules: the rules, their load, and how to run a burst of a rule. */
export class Work {
  /** Mean CPU of a burst that {@link draw} chooses, in milliseconds. */
  readonly meanBurstMillis: number;

  constructor(
    readonly rules: readonly Rule[],
    /** Share of one processor that all rules together use. 1 means no pauses. */
    readonly load: number,
    /** Calls a function in a rule. */
    readonly withRule: WithRule,
    private readonly truth: Truth,
    private readonly burn: (rule: Rule) => void,
  ) {
    const bursts = rules.reduce((sum, { burstMillis }) => sum + 1 / burstMillis, 0);
    this.meanBurstMillis = rules.length / bursts;
  }

  /** Returns the bursts per second of one rule. At these rates all rules use equal CPU. */
  rate(rule: Rule): number {
    return (1000 * this.load) / this.rules.length / rule.burstMillis;
  }

  /** Bursts per second of all rules together. */
  get totalRate(): number {
    return (1000 * this.load) / this.meanBurstMillis;
  }

  /**
   * Chooses a random rule. In the long run all rules use equal CPU.
   * @param chance A random number from 0 to 1.
   */
  draw(chance = Math.random()): Rule {
    const weight = (rule: Rule): number => this.meanBurstMillis / rule.burstMillis;
    let rest = chance * this.rules.length;
    const chosen = this.rules.find((rule) => (rest -= weight(rule)) <= 0);
    return chosen ?? (this.rules[0] as Rule);
  }

  /** Enters `rule` and runs one burst of it. */
  run(rule: Rule): void {
    this.withRule(rule.id, () => this.burst(rule));
  }

  /** Runs and measures one burst of `rule`. Enter the rule first. */
  burst(rule: Rule): void {
    this.measure(rule, () => this.burn(rule));
  }

  /** Runs the synchronous `piece` and counts its CPU for `rule`. Enter the rule first. */
  measure(rule: Rule, piece: () => void): void {
    this.truth.measure(rule.id, piece);
  }
}
