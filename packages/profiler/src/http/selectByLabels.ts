import type { Profile } from '../pprof/Profile';
import { ProfileReader } from '../pprof/ProfileReader';
import { filterByLabels } from '../pprof/filterByLabels';
import type { LabelSelection } from './Parameters';
import { Refusal } from './Refusal';
import { revise } from './revise';

/** Values that are listed for somebody whose selection let nothing through. */
const LISTED = 20;

/**
 * The samples of `profile` with the labels of `selection`, and a comment that says so. A value that no sample has gives a profile
 * without samples: what it names used no CPU. Pure.
 *
 * @throws Refusal 404 when samples have labels and none is called like one in the selection: that is a slip of the pen.
 */
export function selectByLabels(profile: Profile, selection: LabelSelection): Profile {
  const valuesOf = labelValues(profile);
  const unknown = Object.keys(selection).find((label) => !valuesOf.has(label));
  if (unknown !== undefined && valuesOf.size > 0) {
    throw new Refusal(
      404,
      `no sample has a label ${JSON.stringify(unknown)}; there are ${list(valuesOf.keys())}`,
    );
  }
  const comments = [`only samples with ${describe(selection)}`];
  for (const [label, values] of Object.entries(selection)) {
    const present = valuesOf.get(label);
    if (present !== undefined && !values.some((value) => present.has(value))) {
      comments.push(`no sample has that ${label}; there are ${list(present)}`);
    }
  }
  return revise(filterByLabels(profile, selection), { comments });
}

function labelValues(profile: Profile): Map<string, Set<string>> {
  const reader = new ProfileReader(profile);
  const valuesOf = new Map<string, Set<string>>();
  for (const sample of reader.samples) {
    for (const { key, str } of reader.labels(sample)) {
      const [label, value] = [reader.text(key), reader.text(str)];
      const values = valuesOf.get(label);
      if (values === undefined) valuesOf.set(label, new Set([value]));
      else values.add(value);
    }
  }
  return valuesOf;
}

/** For people: `rule="r1" or "r2", tenant="acme"`. */
function describe(selection: LabelSelection): string {
  return Object.entries(selection)
    .map(([label, values]) => `${label}=${values.map((v) => JSON.stringify(v)).join(' or ')}`)
    .join(', ');
}

function list(names: Iterable<string>): string {
  const all = [...names].sort();
  const shown = all.slice(0, LISTED).map((name) => JSON.stringify(name.slice(0, 100)));
  if (all.length > LISTED) shown.push(`${all.length - LISTED} more`);
  return shown.join(', ');
}
