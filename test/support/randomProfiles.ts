import fc from 'fast-check';
import type { Profile as PprofProfile } from '@rulescope/profiler/pprof';
import { Profile, StringTable } from 'pprof-format';

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** A profile in a form that can be combined. Stacks are leaf first, with frames by location. */
export interface Spec {
  readonly types: readonly (readonly [type: string, unit: string])[];
  readonly samples: readonly {
    readonly stack: readonly (readonly Frame[])[];
    readonly values: readonly number[];
    readonly labels: Readonly<Record<string, string>>;
  }[];
  readonly timeNanos: number | bigint;
  readonly durationNanos: number;
  readonly program: string;
}

interface Options {
  /** Whether values may be negative. Default: no. */
  readonly negative?: boolean;
  /** Largest value. pprof calculates with 53 bits. Default: 2^40. */
  readonly max?: number;
  /** Largest number of inlined functions per location. Default: 0. */
  readonly inlined?: number;
  /** Units of the two sample types. Default: both nanoseconds. */
  readonly units?: readonly string[];
}

const NAMES = [
  'main',
  'a',
  'b',
  'c',
  '',
  'é',
  '\u{1f600}',
  '\ue000',
  'x y;z',
  '(idle)',
  'A.b',
  'Ω',
];

export function specs({
  negative = false,
  max = 2 ** 40,
  inlined = 0,
  units = ['nanoseconds'],
}: Options = {}) {
  const frame: fc.Arbitrary<Frame> = fc.record({
    name: fc.constantFrom(...NAMES),
    file: fc.constantFrom('', '/app/x.js', '/app/lib/../y.js', 'z.js'),
    line: fc.nat(3),
  });
  // All orders of magnitude are equally likely.
  const value = fc
    .tuple(fc.nat(Math.log2(max)), fc.integer({ min: 2 ** 29, max: 2 ** 30 }), fc.boolean())
    .map(([bits, share, below]) => {
      const size = Math.floor(2 ** bits * (share / 2 ** 30));
      return negative && below ? -size : size;
    });
  const unit = fc.constantFrom(...units);
  const spec = fc.record<Spec>({
    types: fc.tuple(unit, unit).map(
      ([a, b]) =>
        [
          ['first', a],
          ['second', b],
        ] as const,
    ),
    samples: fc.array(
      fc.record({
        stack: fc.array(fc.array(frame, { minLength: 1, maxLength: 1 + inlined }), {
          minLength: 1,
          maxLength: 7,
        }),
        values: fc.tuple(value, value),
        labels: fc.dictionary(fc.constantFrom('rule', 'tenant'), fc.constantFrom('r1', 'r2', 'r3')),
      }),
      { maxLength: 10 },
    ),
    timeNanos: fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
    durationNanos: fc.nat(2 ** 31 - 1).map((n) => n * 4),
    program: fc.constantFrom('', '/usr/bin/node'),
  });
  // By default, fast-check prefers small values: profiles of two samples, both 0.
  return fc.noBias(spec);
}

/** Returns `spec` with `prefix` on every name, so that no two specs share a function. */
export function withPrefix(prefix: string, spec: Spec): Spec {
  const samples = spec.samples.map((sample) => ({
    ...sample,
    stack: sample.stack.map((frames) =>
      frames.map((frame) => ({ ...frame, name: prefix + frame.name })),
    ),
  }));
  return { ...spec, samples };
}

/** Builds one profile with the samples of all parts and the other fields of the first part. */
export function profileOf(...parts: Spec[]): Profile {
  const [{ types, timeNanos, durationNanos, program }] = parts as [Spec];
  const strings = new StringTable();
  const [functions, locations]: [object[], object[]] = [[], []];
  const mapping = program === '' ? [] : [{ id: 1, filename: strings.dedup(program) }];
  const addFrame = ({ name, file, line }: Frame) => {
    const functionId = functions.length + 1;
    const nameIndex = strings.dedup(name);
    functions.push({
      id: functionId,
      name: nameIndex,
      systemName: nameIndex,
      filename: strings.dedup(file),
    });
    return { functionId, line };
  };
  const addLocation = (frames: readonly Frame[]): number => {
    const id = locations.length + 1;
    locations.push({ id, mappingId: mapping.length, line: frames.map(addFrame) });
    return id;
  };
  return new Profile({
    sampleType: types.map(([type, unit]) => ({
      type: strings.dedup(type),
      unit: strings.dedup(unit),
    })),
    sample: parts.flatMap(({ samples }) =>
      samples.map(({ stack, values, labels }) => ({
        locationId: stack.map(addLocation),
        value: [...values],
        label: Object.entries(labels).map(([key, str]) => {
          return { key: strings.dedup(key), str: strings.dedup(str) };
        }),
      })),
    ),
    mapping,
    location: locations,
    function: functions,
    timeNanos,
    durationNanos,
    stringTable: strings,
  });
}

/** Returns the content of the samples of a profile, independent of order and ids. */
export function contentOf(profile: PprofProfile): string[] {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)]!;
  const functions = new Map(profile.function.map((one) => [Number(one.id), one]));
  const locations = new Map(profile.location.map((one) => [Number(one.id), one]));
  return profile.sample
    .map(({ locationId, value, label }) => {
      const stack = locationId.map((id) =>
        locations.get(Number(id))!.line.map(({ functionId, line }) => {
          const { name, systemName, filename } = functions.get(Number(functionId))!;
          return [text(name), text(systemName), text(filename), Number(line)];
        }),
      );
      const labels = label.map(({ key, str, num }) => [text(key), text(str), String(num)]).sort();
      return JSON.stringify([
        stack,
        labels,
        value.map((one) => String(BigInt.asIntN(64, BigInt(one)))),
      ]);
    })
    .sort();
}
