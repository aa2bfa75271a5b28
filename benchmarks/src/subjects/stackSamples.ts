import { gunzipSync } from 'node:zlib';
import type { Profile as PprofProfile } from '@rulescope/profiler/pprof';
import { Profile } from 'pprof-format';
import type { StackSample } from './Subject';

/** Returns the samples of an encoded pprof profile, gzipped or not. */
export function decodeStackSamples(encoded: Uint8Array): StackSample[] {
  const gzipped = encoded[0] === 0x1f && encoded[1] === 0x8b;
  return stackSamplesOf(Profile.decode(gzipped ? gunzipSync(encoded) : encoded));
}

/**
 * Returns the samples of `profile`. `hits` is the value of the sample type `sample` or `samples`,
 * `cpuNanos` is the value of `cpu`.
 */
export function stackSamplesOf(profile: PprofProfile): StackSample[] {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const functions = new Map(profile.function.map((each) => [Number(each.id), text(each.name)]));
  const locations = new Map(
    profile.location.map((each) => [
      Number(each.id),
      functions.get(Number(each.line[0]?.functionId)) ?? '',
    ]),
  );
  const types = profile.sampleType.map(({ type }) => text(type));
  const [hits, cpu] = [types.findIndex((type) => /^samples?$/.test(type)), types.indexOf('cpu')];
  return profile.sample.map((sample) => ({
    functions: sample.locationId.map((id) => locations.get(Number(id)) ?? ''),
    labels: Object.fromEntries(sample.label.map(({ key, str }) => [text(key), text(str)])),
    hits: Number(sample.value[hits] ?? 0),
    cpuNanos: Number(sample.value[cpu] ?? 0),
  }));
}
