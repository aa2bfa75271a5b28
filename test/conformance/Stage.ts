import { runInThisContext } from 'node:vm';
import type { StackSample, Subject } from '@rulescope/benchmarks';

/** A place in a scenario where CPU was burnt. */
interface Place {
  readonly scenario: string;
  readonly expected: string | undefined;
}

/** Samples at the places of a scenario. */
export interface Verdict {
  readonly scenario: string;
  readonly hits: number;
  /** Hits with the rule that was expected there, or without one where none was. */
  readonly right: number;
  /** A place had too few hits to judge it. */
  readonly unseen: boolean;
  /** What was found where something else was expected. */
  readonly mistakes: readonly string[];
}

const PREFIX = 'burnAtPlace';
const FEWEST_HITS = 3;

/** Where scenarios run: burns CPU in functions whose names tell the places apart in a profile. */
export class Stage {
  private readonly places: Place[] = [];
  private scenario = '';

  constructor(
    private readonly subject: Pick<Subject, 'withRule'>,
    private readonly burnMillis: number,
  ) {}

  /** What is burnt from now on belongs to `scenario`. */
  begin(scenario: string): void {
    this.scenario = scenario;
  }

  withRule<R>(rule: string, fn: () => R): R {
    return this.subject.withRule(rule, fn);
  }

  /** Uses CPU where the label must be `expected`, or where there must be none. */
  burn(expected?: string): void {
    const name = `${PREFIX}${this.places.length}`;
    this.places.push({ scenario: this.scenario, expected });
    // V8 puts the name a function was written with into the profile.
    const burner = runInThisContext(`(function ${name}(millis, cpuMillis) {
      const end = cpuMillis() + millis;
      for (let x = 0; cpuMillis() < end; ) for (let i = 0; i < 20000; i++) x = (x * 31 + i) | 0;
    })`) as (millis: number, clock: () => number) => void;
    burner(this.burnMillis, cpuMillis);
  }

  /** Holds what was sampled against what was expected. */
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
        if (hits < FEWEST_HITS) verdict.unseen = true;
      }
      return verdict;
    });
  }
}

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
