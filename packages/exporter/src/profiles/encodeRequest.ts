import type { Profile, Sample } from '@rulescope/profiler/pprof';
import { ATTR_WINDOW_OUTCOME } from '../semconv';
import { VERSION } from '../version';
import { ProfilesDictionary, type SpanIds } from './ProfilesDictionary';
import { WireWriter } from './WireWriter';
import type { ResourceAttributes } from './environment';
import { encodeResource } from './encodeResource';

/** Name of the instrumentation scope. */
const SCOPE = '@rulescope/exporter';

/** Locations, labels and samples that are encoded in one step: about a millisecond of work. */
const UNITS_PER_STEP = 2_000;

/** What a request says beside the profile. */
export interface RequestParts {
  /** 16 random bytes. A request that is sent twice has the same id. */
  readonly profileId: Uint8Array;
  /** Whether the window of the profile is complete. */
  readonly complete: boolean;
  readonly resource: ResourceAttributes;
  /** Keys of the labels that hold the ids of the span that was active. */
  readonly traceIdLabel: string;
  readonly spanIdLabel: string;
}

/**
 * Encodes, in steps, a profile of `toPprof` as `ExportProfilesServiceRequest` of OTLP 1.11.0,
 * `opentelemetry.proto.collector.profiles.v1development`. 1.10 has the same layout, 1.9 and earlier
 * have other ones.
 *
 * The values are those of the sample type `cpu`. Labels are string attributes of the
 * sample, except the ids of a span, which are its link. Samples without CPU are left out.
 *
 * @returns `undefined` if no sample has CPU.
 */
export function* encodeRequest(
  profile: Profile,
  parts: RequestParts,
): Generator<void, Buffer | undefined, void> {
  const dictionary = new ProfilesDictionary(profile);
  const samples = yield* encodeSamples(profile, dictionary, parts);
  if (samples.length === 0) return undefined;
  const request = new WireWriter();
  request.message(1, () => {
    request.message(1, () => request.fields(encodeResource(parts.resource)));
    request.message(2, () => {
      request.message(1, () => {
        request.string(1, SCOPE);
        request.string(2, VERSION);
      });
      request.message(2, () => {
        // Pyroscope names a profile by its period type, and shows these as CPU.
        const type = [dictionary.string('cpu'), dictionary.string('nanoseconds')];
        const writeType = (): void => type.forEach((index, i) => request.integer(i + 1, index));
        request.message(1, writeType);
        request.fields(samples);
        request.fixed64(3, BigInt(profile.timeNanos));
        request.integer(4, profile.durationNanos);
        request.message(5, writeType);
        request.integer(6, profile.period);
        request.bytes(7, parts.profileId);
        if (!parts.complete) {
          request.integers(11, [dictionary.attribute(ATTR_WINDOW_OUTCOME, 'incomplete')]);
        }
      });
    });
  });
  request.message(2, () => dictionary.tables().forEach((table) => request.fields(table)));
  return Buffer.from(request.result());
}

/** Returns the encoded samples, as fields of `Profile`. Adds what they refer to to `dictionary`. */
function* encodeSamples(
  profile: Profile,
  dictionary: ProfilesDictionary,
  { traceIdLabel, spanIdLabel }: RequestParts,
): Generator<void, Uint8Array, void> {
  const encoded = new WireWriter();
  let worked = 0;
  for (const sample of profile.sample) {
    const cpuNanos = sample.value.at(-1)!;
    if (cpuNanos === 0) continue;
    const labels = labelsOf(sample, profile);
    const span = spanIn(labels.get(traceIdLabel), labels.get(spanIdLabel));
    if (span !== undefined) [traceIdLabel, spanIdLabel].forEach((key) => labels.delete(key));
    const stack = dictionary.stack(sample.locationId);
    const attributes = [...labels].map(([key, value]) => dictionary.attribute(key, value));
    const link = span === undefined ? 0 : dictionary.link(span);
    encoded.message(2, () => {
      encoded.integer(1, stack);
      encoded.integers(2, attributes);
      encoded.integer(3, link);
      encoded.integers(4, [cpuNanos]);
    });
    worked += sample.locationId.length + labels.size + 1;
    if (worked < UNITS_PER_STEP) continue;
    worked = 0;
    yield;
  }
  return encoded.result();
}

function labelsOf(sample: Sample, profile: Profile): Map<string, string> {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)]!;
  return new Map(sample.label.map(({ key, str }) => [text(key), text(str)]));
}

/** Returns the ids of a span if they are valid: hexadecimal, of full length, and not all zero. */
function spanIn(traceId = '', spanId = ''): SpanIds | undefined {
  const valid = isId(traceId, 32) && isId(spanId, 16);
  return valid ? { traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase() } : undefined;
}

function isId(text: string, length: number): boolean {
  return text.length === length && /^[0-9a-f]+$/i.test(text) && !/^0+$/.test(text);
}
