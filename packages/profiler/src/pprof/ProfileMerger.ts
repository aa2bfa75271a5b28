import {
  Function as PprofFunction,
  Location as PprofLocation,
  Profile,
  Sample as PprofSample,
  StringTable,
} from 'pprof-format';
import type * as format from 'pprof-format';
import { Pace, type Steps, allAtOnce } from '../base/steps';
import type { Location, Mapping, Sample } from './Profile';
import { InternTable } from './InternTable';
import { Stack, locationsOf } from './Stack';
import { type Numeric, negated, sumOf, toInt64, toNumeric } from './integers';
import type { DecodedHeader } from './DecodedHeader';
import { encodeHeader } from './encodeHeader';
import { type Frame, ProfileReader } from './ProfileReader';

/** Changes to samples as they are added. A change that is left out leaves samples as they are. */
export interface SampleChanges {
  /** Returns whether to add a sample. */
  readonly keep?: (sample: Sample) => boolean;
  /** Whether to subtract the values instead of adding them. */
  readonly negate?: boolean;
  /** Returns the frame to add in the place of another. */
  readonly frame?: (frame: Frame) => Frame;
  /** A label to add. It replaces labels with the same key. */
  readonly label?: { readonly key: string; readonly value: string } | undefined;
}

interface SummedSample {
  readonly stack: Stack<SummedSample>;
  readonly label: format.LabelInput[];
  readonly values: Numeric[];
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
  private readonly samples: SummedSample[] = [];
  private readonly root = new Stack<SummedSample>();
  private readonly labels = new InternTable<true>();
  private readonly locations = new InternTable<PprofLocation>();
  private readonly functions = new InternTable<PprofFunction>();
  private readonly mappings = new InternTable<format.MappingInput>();

  /** Adds the samples of a profile. @throws Error when a reference in it is broken. */
  add(reader: ProfileReader, changes?: SampleChanges): this {
    allAtOnce(this.addInSteps(reader, changes));
    return this;
  }

  /** Does what {@link add} does, in steps. */
  *addInSteps(reader: ProfileReader, changes: SampleChanges = {}): Steps<void> {
    const { keep = () => true, negate = false } = changes;
    // The first mapping is the program, so it must stay the first.
    const [program] = reader.mappings;
    if (program !== undefined && this.mappings.items.length === 0) this.addMapping(reader, program);
    const ids = new Map<Location, number>();
    const pace = new Pace();
    for (const sample of reader.samples) {
      if (pace.worked(sample.locationId.length + sample.label.length + 1)) yield;
      const values = reader.integers(sample);
      if (values.every((value) => value === 0) || !keep(sample)) continue;
      const locations = reader.stack(sample).map((location) => {
        let id = ids.get(location);
        if (id === undefined) {
          ids.set(location, (id = this.addLocation(reader, location, changes.frame)));
        }
        return id;
      });
      const stack = locations.reduceRight((caller, id) => caller.call(id), this.root);
      const label = this.copyLabels(reader, sample, changes.label);
      this.addSample(stack, label, negate ? values.map(negated) : values);
    }
  }

  /** Returns the new profile. Call it once. */
  build(header: DecodedHeader): Profile {
    return allAtOnce(this.buildInSteps(header));
  }

  /** Does what {@link build} does, in steps. */
  *buildInSteps(header: DecodedHeader): Steps<Profile> {
    const pace = new Pace();
    const samples: PprofSample[] = [];
    for (const { stack, label, values } of this.samples) {
      const sample = new PprofSample({ locationId: locationsOf(stack), label, value: values });
      samples.push(sample);
      if (pace.worked(sample.locationId.length + label.length + 1)) yield;
    }
    const profile = new Profile({
      ...encodeHeader(header, this.strings),
      sample: samples,
      location: this.locations.items,
      function: this.functions.items,
      mapping: this.mappings.items,
    });
    // Samples that cancel each other out leave functions behind that no sample refers to.
    if (!this.samples.some(({ values }) => values.every((value) => value === 0))) return profile;
    const rest = new ProfileMerger();
    yield* rest.addInSteps(new ProfileReader(profile));
    return yield* rest.buildInSteps(header);
  }

  private addSample(
    stack: Stack<SummedSample>,
    label: format.LabelInput[],
    values: Numeric[],
  ): void {
    const keys = label.map(({ key, str, num, numUnit }) => [key, str, num, numUnit].join());
    const labels = this.labels.intern(keys.sort().join(' '), () => true);
    const sample = stack.sample(labels, () => {
      const added = { stack, label, values: values.map((): Numeric => 0) };
      this.samples.push(added);
      return added;
    });
    values.forEach((value, index) => {
      sample.values[index] = sumOf(sample.values[index]!, value);
    });
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
      const address = toNumeric(BigInt.asUintN(64, start + offset));
      return new PprofLocation({ id, mappingId, address, line, isFolded });
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
    const key = Object.values(made).join();
    const functionId = this.functions.intern(key, (id) => new PprofFunction({ id, ...made }));
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
