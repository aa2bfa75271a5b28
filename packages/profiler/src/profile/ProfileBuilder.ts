import {
  Function as PprofFunction,
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import type { LabelSet } from '../labels/LabelSet';
import type { CallNode } from '../window/CallNode';

/** Values of the sample types `sample`, `wall` and `cpu`. */
export interface SampleValues {
  readonly count: number;
  readonly wallNanos: number;
  readonly cpuNanos: number;
}

interface SummedSample {
  readonly stack: readonly number[];
  readonly labels: LabelSet;
  count: number;
  wallNanos: number;
  cpuNanos: number;
}

/** What describes a profile as a whole. */
export interface ProfileHeader {
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly periodMicros: number;
  /** The program, as pprof's "File". */
  readonly program: string;
  readonly comments: readonly string[];
}

/** Puts samples together into a profile in pprof's format, with as many functions, locations and strings as it needs. */
export class ProfileBuilder {
  private readonly strings = new StringTable();
  private readonly functions = new Map<string, PprofFunction>();
  private readonly locations = new Map<string, Location>();
  private readonly samples = new Map<string, SummedSample>();

  /** Adds to the sample with that stack and those labels. @param stack Location ids, the running function first. */
  add(stack: readonly number[], labels: LabelSet, values: SampleValues): void {
    const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${stack.join()} ${entries.length === 0 ? '' : JSON.stringify(entries)}`;
    let sample = this.samples.get(key);
    if (sample === undefined) {
      sample = {
        stack,
        labels: Object.fromEntries(entries),
        count: 0,
        wallNanos: 0,
        cpuNanos: 0,
      };
      this.samples.set(key, sample);
    }
    sample.count += values.count;
    sample.wallNanos += values.wallNanos;
    sample.cpuNanos += values.cpuNanos;
  }

  /** Id of the location of a function; the same for the same function. */
  locationOf(node: CallNode): number {
    const { lineNumber = 0, columnNumber = 0 } = node;
    const key = keyOf(node);
    let location = this.locations.get(key);
    if (location === undefined) {
      const line = new Line({
        functionId: this.functionOf(node, key).id,
        line: lineNumber,
        column: columnNumber,
      });
      location = new Location({ id: this.locations.size + 1, mappingId: 1, line: [line] });
      this.locations.set(key, location);
    }
    return Number(location.id);
  }

  build(header: ProfileHeader): Profile {
    const text = (value: string): number => this.strings.dedup(value);
    const type = (name: string, unit: string): ValueType =>
      new ValueType({ type: text(name), unit: text(unit) });
    return new Profile({
      sampleType: [
        type('sample', 'count'),
        type('wall', 'nanoseconds'),
        type('cpu', 'nanoseconds'),
      ],
      defaultSampleType: text('cpu'),
      sample: [...this.samples.values()].map((sample) => this.toSample(sample)),
      mapping: [
        new Mapping({
          id: 1,
          filename: text(header.program),
          hasFunctions: true,
          hasFilenames: true,
          hasLineNumbers: true,
        }),
      ],
      location: [...this.locations.values()],
      function: [...this.functions.values()],
      timeNanos: BigInt(Math.round(header.startMillis)) * 1_000_000n,
      durationNanos: Math.round(header.durationMillis * 1e6),
      periodType: type('wall', 'nanoseconds'),
      period: header.periodMicros * 1000,
      comment: header.comments.map(text),
      stringTable: this.strings,
    });
  }

  private functionOf({ name, scriptName, lineNumber, columnNumber }: CallNode, key: string) {
    let found = this.functions.get(key);
    if (found === undefined) {
      // V8 numbers lines from 1; an anonymous function is told from its neighbours by where it begins.
      const shown = name ? name : `(anonymous:L#${lineNumber}:C#${columnNumber})`;
      const nameIndex = this.strings.dedup(shown);
      found = new PprofFunction({
        id: this.functions.size + 1,
        name: nameIndex,
        systemName: nameIndex,
        filename: this.strings.dedup(pathOf(scriptName)),
        startLine: lineNumber ?? 0,
      });
      this.functions.set(key, found);
    }
    return found;
  }

  private toSample({ stack, labels, count, wallNanos, cpuNanos }: SummedSample): Sample {
    return new Sample({
      locationId: [...stack],
      value: [count, Math.round(wallNanos), Math.round(cpuNanos)],
      label: Object.entries(labels).map(
        ([key, value]) =>
          new Label({ key: this.strings.dedup(key), str: this.strings.dedup(value) }),
      ),
    });
  }
}

/** Made for every node of a call tree; the length of the name tells where the name ends. */
function keyOf({ name = '', scriptName, lineNumber, columnNumber }: CallNode): string {
  return `${lineNumber}:${columnNumber}:${name.length}:${name}${scriptName}`;
}

/** Modules are known by URL, scripts by path. */
function pathOf(scriptName: string): string {
  return scriptName.startsWith('file://') ? scriptName.slice('file://'.length) : scriptName;
}
