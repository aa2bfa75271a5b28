import type { Truth } from './Truth';
import type { Rule } from './rules';

/** Calls `fn` in the rule `id`. */
export type WithRule = <R>(id: string, fn: () => R) => R;

/** What a driver drives: rules, the load they are to make, and how to run a burst of one. */
export class Work {
  /** Mean CPU of a burst that {@link draw} chooses, milliseconds. */
  readonly meanBurstMillis: number;

  constructor(
    readonly rules: readonly Rule[],
    /** Share of one processor that all rules together are to use; 1 is without any pause. */
    readonly load: number,
    /** Calls a function in a rule. */
    readonly withRule: WithRule,
    private readonly truth: Truth,
    private readonly burn: (rule: Rule) => void,
  ) {
    const bursts = rules.reduce((sum, { burstMillis }) => sum + 1 / burstMillis, 0);
    this.meanBurstMillis = rules.length / bursts;
  }

  /** Bursts per second of one rule, so that all rules use equal CPU. */
  rate(rule: Rule): number {
    return (1000 * this.load) / this.rules.length / rule.burstMillis;
  }

  /** Bursts per second of all rules. */
  get totalRate(): number {
    return (1000 * this.load) / this.meanBurstMillis;
  }

  /**
   * Chooses a rule at random, so that in the long run all use equal CPU.
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

  /** Runs one burst of `rule`, measured. The rule must have been entered. */
  burst(rule: Rule): void {
    this.measure(rule, () => this.burn(rule));
  }

  /** Runs the synchronous `piece` and counts its CPU for `rule`, which must have been entered. */
  measure(rule: Rule, piece: () => void): void {
    this.truth.measure(rule.id, piece);
  }
}
