import type { Profile } from '../../src/pprof/Profile';

/** Returns the sample types of `profile` as `type/unit`. */
export function sampleTypesOf(profile: Profile): string[] {
  const text = (index: number | bigint) => profile.stringTable.strings[Number(index)];
  return profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
}

/**
 * Returns the sum of a sample type over the samples of a function: samples with this innermost
 * function, or with `cum` samples with the function anywhere on the stack.
 */
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
