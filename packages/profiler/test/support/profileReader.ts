import type { Profile } from '../../src/pprof/Profile';

type Values = readonly number[];

/**
 * Returns the sums of the sample values by labels. The key is `key=value,...`, or '' for samples
 * without labels.
 */
export function valuesByLabels(profile: Profile): Map<string, Values> {
  const sums = new Map<string, number[]>();
  const text = textOf(profile);
  for (const { label, value } of profile.sample) {
    const key = label.map(({ key, str, num }) => `${text(key)}=${text(str) || num}`).join();
    const sum = sums.get(key) ?? profile.sampleType.map(() => 0);
    value.forEach((each, i) => (sum[i] = (sum[i] ?? 0) + Number(each)));
    sums.set(key, sum);
  }
  return sums;
}

/** Returns the sample types as `type/unit`. */
export function sampleTypes(profile: Profile): string[] {
  const text = textOf(profile);
  return profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
}

/** Returns the hits of the function `functionName` by line. */
export function hitsByLine(profile: Profile, functionName: string): Map<number, number> {
  const text = textOf(profile);
  const names = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]));
  const hits = new Map<number, number>();
  for (const { locationId, value } of profile.sample) {
    const place = profile.location.find(({ id }) => Number(id) === Number(locationId[0]));
    const line = place?.line[0];
    if (line === undefined || names.get(Number(line.functionId)) !== functionName) continue;
    hits.set(Number(line.line), (hits.get(Number(line.line)) ?? 0) + Number(value[0]));
  }
  return hits;
}

export function textOf({ stringTable }: Profile): (index: number | bigint) => string {
  return (index) => stringTable.strings[Number(index)] ?? '';
}
