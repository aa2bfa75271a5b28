import { InvalidOptionError } from '../base/errors';
import type { DecodedHeader, SampleType } from '../pprof/DecodedHeader';

/**
 * The sample type called `name` and its place among a sample's values. Without a name: the profile's default, else the last.
 *
 * @throws InvalidOptionError when there is none of that name; it lists those there are.
 */
export function findSampleType(
  { sampleTypes, defaultSampleType }: DecodedHeader,
  name?: string,
): SampleType & { readonly index: number } {
  const names = sampleTypes.map(({ type }) => type);
  const byDefault = names.includes(defaultSampleType)
    ? names.indexOf(defaultSampleType)
    : names.length - 1;
  const index = name === undefined ? byDefault : names.indexOf(name);
  const found = sampleTypes[index];
  if (found === undefined) {
    const allowed = names.map((type) => JSON.stringify(type)).join(', ');
    throw new InvalidOptionError('sampleType', name, `one of ${allowed || 'none: it has none'}`);
  }
  return { ...found, index };
}
