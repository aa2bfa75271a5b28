import type { Work } from '../Work';
import type { Rule } from '../rules';
import type { Stop } from './Driver';
import { repeatWithPauses } from './timeouts';

/**
 * Runs shorter rules inside a longer one. Each event enters the longest rule and runs one burst of
 * the shortest rule in it. The other rules run bursts as often as equal CPU requires. The order of
 * the bursts is random.
 */
export function driveNested(work: Work): Stop {
  const groups = groupByNumber(work.rules);
  const shortestMillis = Math.min(...work.rules.map(({ burstMillis }) => burstMillis));
  const rulesPerGroup = work.rules.length / groups.length;
  return repeatWithPauses(
    () => runEvent(work, groups[Math.floor(Math.random() * groups.length)] ?? []),
    rulesPerGroup * shortestMillis,
    work.load,
  );
}

/** Runs one event. @param group The rules of the event, the shortest first. */
function runEvent(work: Work, group: readonly Rule[]): void {
  const shortest = group[0] as Rule;
  const outer = group.at(-1) as Rule;
  const due = group.filter(({ burstMillis }) => Math.random() < shortest.burstMillis / burstMillis);
  work.withRule(outer.id, () =>
    work.measure(outer, () => {
      for (const rule of shuffled(due)) {
        if (rule === outer) work.burst(rule);
        else work.run(rule);
      }
    }),
  );
}

/** Returns groups: the first rule of each burst length, the second of each, and so on. */
function groupByNumber(rules: readonly Rule[]): Rule[][] {
  const lengths = [...new Set(rules.map(({ burstMillis }) => burstMillis))].sort((a, b) => a - b);
  const byLength = lengths.map((length) => rules.filter((rule) => rule.burstMillis === length));
  return (byLength[0] ?? []).map((_, index) => byLength.map((each) => each[index] as Rule));
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
