import type { Profile } from '../../src/pprof/Profile';

/** Names of the sample types of `profile`, with their units. */
export function sampleTypesOf(profile: Profile): string[] {
  const text = (index: number | bigint) => profile.stringTable.strings[Number(index)];
  return profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
}

/** The sum of a sample type over the samples whose innermost function, or with `cum` any of whose functions, has that name. */
export function figureOf(profile: Profile, type: string, functionName: string, cum = false) {
  const { stringTable, sampleType, location, function: functions, sample } = profile;
  const text = (index: number | bigint) => stringTable.strings[Number(index)];
  const column = sampleType.findIndex((candidate) => text(candidate.type) === type);
  const nameAt = (locationId: number | bigint) => {
    const { line } = location.find(({ id }) => id === locationId)!;
    return text(functions.find(({ id }) => id === line[0]!.functionId)!.name);
  };
  return sample
    .filter(({ locationId: ids }) =>
      (cum ? ids : ids.slice(0, 1)).map(nameAt).includes(functionName),
    )
    .reduce((sum, { value }) => sum + Number(value[column]), 0);
}
