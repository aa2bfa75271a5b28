import { Profile, StringTable, ValueType } from 'pprof-format';
import type * as format from 'pprof-format';
import type { Location, Mapping, Sample } from './Profile';
import { InternTable } from './InternTable';
import { toInt64, toNumeric } from './integers';
import type { DecodedHeader, SampleType } from './DecodedHeader';
import { type Frame, ProfileReader } from './ProfileReader';

/** Changes to samples as they are added. A change that is left out leaves samples as they are. */
export interface SampleChanges {
  /** Returns whether to add a sample. */
  readonly keep?: (sample: Sample) => boolean;
  /** Returns the value to add in the place of another. */
  readonly value?: (value: bigint) => bigint;
  /** Returns the frame to add in the place of another. */
  readonly frame?: (frame: Frame) => Frame;
  /** A label to add. It replaces labels with the same key. */
  readonly label?: { readonly key: string; readonly value: string };
}

interface SummedSample {
  readonly locationId: number[];
  readonly label: format.LabelInput[];
  readonly values: bigint[];
}

/** Page size as in pprof. Mappings of one file with the same number of pages are equal. */
const PAGE_BYTES = 0x1000n;

/**
 * Collects samples of profiles in a new profile, by the rules of pprof's `Merge`. Samples with the
 * same stack and labels become one, with summed values. Samples with only zero values, and all that
 * no sample refers to, are left out.
 */
export class ProfileMerger {
  private readonly strings = new StringTable();
  private readonly samples = new Map<string, SummedSample>();
  private readonly locations = new InternTable<format.LocationInput>();
  private readonly functions = new InternTable<format.FunctionInput>();
  private readonly mappings = new InternTable<format.MappingInput>();

  /** Adds the samples of a profile. @throws Error when a reference in it is broken. */
  add(reader: ProfileReader, changes: SampleChanges = {}): this {
    const { keep = () => true, value: changeValue = (value) => value } = changes;
    // The first mapping is the program, so it must stay the first.
    const [program] = reader.mappings;
    if (program !== undefined && this.mappings.items.length === 0) this.addMapping(reader, program);
    const ids = new Map<Location, number>();
    for (const sample of reader.samples) {
      const values = reader.values(sample).map(changeValue);
      if (values.every((value) => value === 0n) || !keep(sample)) continue;
      const locationId = reader.stack(sample).map((location) => {
        const id = ids.get(location) ?? this.addLocation(reader, location, changes.frame);
        ids.set(location, id);
        return id;
      });
      this.addSample({ locationId, label: this.copyLabels(reader, sample, changes.label), values });
    }
    return this;
  }

  /** Returns the new profile. Call it once. */
  build(header: DecodedHeader): Profile {
    const samples = [...this.samples.values()];
    const profile = new Profile({
      ...encodeHeader(header, this.strings),
      sample: samples.map(({ locationId, label, values }) => ({
        locationId,
        label,
        value: values.map((value) => toNumeric(BigInt.asIntN(64, value))),
      })),
      location: this.locations.items,
      function: this.functions.items,
      mapping: this.mappings.items,
    });
    // Samples that cancel each other out leave functions behind that no sample refers to.
    const cancelled = samples.some(({ values }) => values.every((value) => value === 0n));
    return cancelled ? new ProfileMerger().add(new ProfileReader(profile)).build(header) : profile;
  }

  private addSample(sample: SummedSample): void {
    const labels = sample.label.map(({ key, str, num, numUnit }) =>
      [key, str, num, numUnit].join(),
    );
    const key = `${sample.locationId.join()} ${labels.sort().join(' ')}`;
    const same = this.samples.get(key);
    if (same === undefined) this.samples.set(key, sample);
    else sample.values.forEach((value, index) => (same.values[index]! += value));
  }

  private copyLabels(
    reader: ProfileReader,
    sample: Sample,
    added: SampleChanges['label'],
  ): format.LabelInput[] {
    const { strings } = this;
    const copies = reader
      .labels(sample)
      .filter(({ key }) => added === undefined || reader.text(key) !== added.key)
      .map(({ key, str, num, numUnit }) => ({
        key: strings.dedup(reader.text(key)),
        str: strings.dedup(reader.text(str)),
        num: toNumeric(toInt64(num)),
        numUnit: strings.dedup(reader.text(numUnit)),
      }));
    if (added === undefined) return copies;
    const [key, str] = [strings.dedup(added.key), strings.dedup(added.value)];
    return [...copies, { key, str, num: 0, numUnit: 0 }];
  }

  private addLocation(
    reader: ProfileReader,
    location: Location,
    change: (frame: Frame) => Frame = (frame) => frame,
  ): number {
    const source = reader.mapping(location);
    const mappingId = source === undefined ? 0 : this.addMapping(reader, source);
    const line = location.line.map((entry) => this.addLine(change(reader.frame(entry))));
    // Addresses are compared relative to their mapping: each process may load it elsewhere.
    const offset = toInt64(location.address) - toInt64(source?.memoryStart ?? 0);
    const start = toInt64(this.mappings.items[mappingId - 1]?.memoryStart ?? 0);
    const { isFolded } = location;
    const lines = line.map((entry) => [entry.functionId, entry.line, entry.column].join());
    return this.locations.intern([mappingId, offset, isFolded, ...lines].join(' '), (id) => {
      return {
        id,
        mappingId,
        address: toNumeric(BigInt.asUintN(64, start + offset)),
        line,
        isFolded,
      };
    });
  }

  private addLine(frame: Frame): format.LineInput {
    const { strings } = this;
    const made = {
      name: strings.dedup(frame.name),
      systemName: strings.dedup(frame.systemName),
      filename: strings.dedup(frame.file),
      startLine: toNumeric(frame.startLine),
    };
    const functionId = this.functions.intern(Object.values(made).join(), (id) => ({ id, ...made }));
    return { functionId, line: toNumeric(frame.line), column: toNumeric(frame.column) };
  }

  private addMapping(reader: ProfileReader, mapping: Mapping): number {
    const size = BigInt(mapping.memoryLimit) - BigInt(mapping.memoryStart);
    const filename = this.strings.dedup(reader.text(mapping.filename));
    const buildId = this.strings.dedup(reader.text(mapping.buildId));
    const pages = (size + PAGE_BYTES - 1n) / PAGE_BYTES;
    const key = [pages, mapping.fileOffset, buildId || filename].join();
    return this.mappings.intern(key, (id) => ({ ...mapping, id, filename, buildId }));
  }
}

/** Converts `header` to the input of a `Profile`. Adds its strings to `strings`. */
function encodeHeader(header: DecodedHeader, strings: StringTable): format.ProfileInput {
  const toValueType = ({ type, unit }: SampleType): ValueType =>
    new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) });
  const { periodType, period, timeNanos, durationNanos } = header;
  return {
    sampleType: header.sampleTypes.map(toValueType),
    defaultSampleType: strings.dedup(header.defaultSampleType),
    ...(periodType.type || periodType.unit ? { periodType: toValueType(periodType) } : {}),
    period,
    timeNanos,
    durationNanos,
    comment: header.comments.map((comment) => strings.dedup(comment)),
    dropFrames: strings.dedup(header.dropFrames),
    keepFrames: strings.dedup(header.keepFrames),
    docUrl: strings.dedup(header.docUrl),
    stringTable: strings,
  };
}
