import { runInThisContext } from 'node:vm';
import type { StackSample, Subject } from '@rulescope/benchmarks';

/** A place in a scenario that burnt CPU. */
interface Place {
  readonly scenario: string;
  readonly expected: string | undefined;
}

/** Samples at the places of a scenario. */
export interface Verdict {
  readonly scenario: string;
  readonly hits: number;
  /** Hits with the expected rule, or without a rule if no rule was expected. */
  readonly right: number;
  /** Whether a place had too few hits to be judged. */
  readonly unseen: boolean;
  /** Hits with a wrong label: their number, the label and the expected label. */
  readonly mistakes: readonly string[];
}

const PREFIX = 'burnAtPlace';
const MIN_HITS = 3;

/** Burns CPU for scenarios. Each place has its own function, so a profile shows the place. */
export class Stage {
  private readonly places: Place[] = [];
  private scenario = '';

  constructor(
    private readonly subject: Pick<Subject, 'withRule'>,
    private readonly burnMillis: number,
  ) {}

  /** Starts `scenario`: later calls of `burn()` belong to it. */
  begin(scenario: string): void {
    this.scenario = scenario;
  }

  withRule<R>(rule: string, fn: () => R): R {
    return this.subject.withRule(rule, fn);
  }

  /** Burns CPU. The samples must have the rule `expected`, or no rule if it is `undefined`. */
  burn(expected?: string): void {
    const name = `${PREFIX}${this.places.length}`;
    this.places.push({ scenario: this.scenario, expected });
    // The profile has the name in the source text, so the function is compiled from text.
    const burner = runInThisContext(`(function ${name}(millis, cpuMillis) {
      const end = cpuMillis() + millis;
      for (let x = 0; cpuMillis() < end; ) for (let i = 0; i < 20000; i++) x = (x * 31 + i) | 0;
    })`) as (millis: number, clock: () => number) => void;
    burner(this.burnMillis, cpuMillis);
  }

  /** Compares the labels of the samples with the expected labels. */
  judge(samples: readonly StackSample[]): Verdict[] {
    const found = this.places.map(() => new Map<string | undefined, number>());
    for (const { functions, labels, hits } of samples) {
      const name = functions.find((each) => each.startsWith(PREFIX));
      const place = name === undefined ? undefined : found[Number(name.slice(PREFIX.length))];
      const { rule } = labels;
      place?.set(rule, (place.get(rule) ?? 0) + hits);
    }
    return [...new Set(this.places.map(({ scenario }) => scenario))].map((scenario) => {
      const verdict = { scenario, hits: 0, right: 0, unseen: false, mistakes: [] as string[] };
      for (const [index, place] of this.places.entries()) {
        if (place.scenario !== scenario) continue;
        let hits = 0;
        for (const [rule, count] of found[index] ?? []) {
          hits += count;
          if (rule === place.expected) verdict.right += count;
          else verdict.mistakes.push(`${count} x ${rule}, not ${place.expected}`);
        }
        verdict.hits += hits;
        if (hits < MIN_HITS) verdict.unseen = true;
      }
      return verdict;
    });
  }
}

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
