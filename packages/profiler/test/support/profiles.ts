import fc from 'fast-check';
import { Profile, StringTable } from 'pprof-format';
import type { Profile as PprofProfile } from '../../src/pprof/Profile';

/** A function and a place in it. */
export interface FrameSpec {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * A profile in short form. Stacks are leaf first. An array as a frame is a location with inlined
 * functions.
 */
export interface ProfileSpec {
  readonly types?: readonly (readonly [type: string, unit: string])[];
  readonly samples: readonly {
    readonly stack: readonly (string | FrameSpec | readonly FrameSpec[])[];
    readonly values: readonly (number | bigint)[];
    readonly labels?: Readonly<Record<string, string | number | bigint>>;
  }[];
  readonly header?: Partial<Profile>;
  readonly defaultType?: string;
  readonly comments?: readonly string[];
  /** Path of the program. Default: the profile has no mapping. */
  readonly program?: string;
}

/**
 * Builds a profile. Each frame of each sample gets its own location, so a reader must join them.
 */
export function profileOf(spec: ProfileSpec): Profile {
  const strings = new StringTable();
  const [functions, locations]: [object[], object[]] = [[], []];
  const addFrame = ({ name, file = '', line = 0, column = 0 }: FrameSpec) => {
    // No id equals an index.
    const functionId = functions.length * 3 + 7;
    const [nameId, filename] = [strings.dedup(name), strings.dedup(file)];
    functions.push({ id: functionId, name: nameId, systemName: nameId, filename });
    return { functionId, line, column };
  };
  const mapping =
    spec.program === undefined ? [] : [{ id: 5, filename: strings.dedup(spec.program) }];
  const addLocation = (frame: string | FrameSpec | readonly FrameSpec[]): number => {
    const frames = typeof frame === 'string' ? [{ name: frame }] : [frame].flat();
    const id = locations.length * 2 + 11;
    locations.push({ id, mappingId: mapping.length * 5, line: frames.map(addFrame) });
    return id;
  };
  const sample = spec.samples.map(({ stack, values, labels = {} }) => ({
    locationId: stack.map(addLocation),
    value: [...values],
    label: Object.entries(labels).map(([key, value]) => ({
      key: strings.dedup(key),
      ...(typeof value === 'string' ? { str: strings.dedup(value) } : { num: value }),
    })),
  }));
  return new Profile({
    ...spec.header,
    sampleType: (spec.types ?? [['cpu', 'nanoseconds']]).map(([type, unit]) => ({
      type: strings.dedup(type),
      unit: strings.dedup(unit),
    })),
    sample,
    mapping,
    location: locations,
    function: functions,
    defaultSampleType: strings.dedup(spec.defaultType ?? ''),
    comment: (spec.comments ?? []).map((comment) => strings.dedup(comment)),
    stringTable: strings,
  });
}

const NAMES = ['main', 'a', 'b', 'b', 'c;d', 'e f\ng', '', 'é', '\u{1f600}', '\ue000', '(idle)'];
const FRAMES: fc.Arbitrary<FrameSpec> = fc.record({
  name: fc.constantFrom(...NAMES),
  file: fc.constantFrom('', '/app/x.js', '/app/lib/../x.js', 'y.js'),
  line: fc.nat(3),
  column: fc.nat(2),
});

/**
 * Generates profiles with two sample types, few functions (so many are equal) and values beyond the
 * range of a number.
 */
export function specs({ negative = false } = {}): fc.Arbitrary<ProfileSpec> {
  const limit = 2n ** 56n;
  const value = fc.oneof(
    fc.integer({ min: negative ? -5 : 0, max: 5 }),
    fc.bigInt({ min: negative ? -limit : 0n, max: limit }),
  );
  return fc.record({
    types: fc.constant<Required<ProfileSpec>['types']>([
      ['sample', 'count'],
      ['cpu', 'nanoseconds'],
    ]),
    samples: fc.array(
      fc.record({
        stack: fc.array(
          fc.oneof(
            { weight: 4, arbitrary: FRAMES },
            fc.array(FRAMES, { minLength: 2, maxLength: 3 }),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        values: fc.tuple(value, value),
        labels: fc.dictionary(
          fc.constantFrom('rule', 'tenant'),
          fc.oneof(fc.constantFrom('r1', 'r2', '7'), fc.constantFrom(7, -7, 2n ** 62n)),
        ),
      }),
      { maxLength: 12 },
    ),
    header: fc.record({
      timeNanos: fc.bigInt({ min: 0n, max: 2n ** 61n }),
      durationNanos: fc.nat(),
      period: fc.nat(),
    }),
    comments: fc.subarray(['one', 'two']),
    program: fc.option(fc.constantFrom('/usr/bin/node', '/usr/bin/other'), { nil: undefined }),
  }) as fc.Arbitrary<ProfileSpec>;
}

/** Generates profiles of {@link specs}. */
export function profiles(options?: { negative?: boolean }): fc.Arbitrary<Profile> {
  return specs(options).map(profileOf);
}

/**
 * Returns the content of the samples of a profile, independent of order, ids and the form of
 * integers.
 */
export function contentOf(profile: PprofProfile): Record<string, string> {
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const signed = (value: number | bigint): bigint => BigInt.asIntN(64, BigInt(value));
  const sums = new Map<string, bigint[]>();
  for (const { locationId, value, label } of profile.sample) {
    const stack = locationId.map((id) => {
      const location = profile.location.find((one) => BigInt(one.id) === BigInt(id))!;
      const program = profile.mapping.find((one) => BigInt(one.id) === BigInt(location.mappingId));
      const frames = location.line.map(({ functionId, line, column }) => {
        const fn = profile.function.find((one) => BigInt(one.id) === BigInt(functionId))!;
        const names = [fn.name, fn.systemName, fn.filename].map(text);
        return [...names, String(fn.startLine), String(line), String(column)];
      });
      return [program === undefined ? '' : text(program.filename), frames];
    });
    const labels = label.map(({ key, str, num, numUnit }) => {
      return [text(key), text(str), String(signed(num)), text(numUnit)].join('\t');
    });
    const key = JSON.stringify([stack, labels.sort()]);
    const sum = sums.get(key) ?? value.map(() => 0n);
    sums.set(
      key,
      sum.map((part, index) => BigInt.asIntN(64, part + signed(value[index]!))),
    );
  }
  const entries = [...sums]
    .filter(([, values]) => values.some((value) => value !== 0n))
    .map(([key, values]): [string, string] => [key, values.join()]);
  return Object.fromEntries(entries.sort());
}

/** Encodes and decodes a profile, as a file does. */
export function reread(profile: PprofProfile): Profile {
  return Profile.decode(profile.encode());
}
