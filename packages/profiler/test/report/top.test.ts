import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Profile } from 'pprof-format';
import { InvalidOptionError } from '../../src/base/errors';
import { top } from '../../src/report/top';
import { profileOf, profiles, reread, specs } from '../support/profiles';

const TYPES = [
  ['sample', 'count'],
  ['cpu', 'nanoseconds'],
] as const;

describe('top', () => {
  it('sums flat and cum of each function', () => {
    const profile = profileOf({
      samples: [
        { stack: ['leaf', 'main'], values: [30] },
        { stack: ['main'], values: [10] },
        { stack: ['other', 'main'], values: [0] },
      ],
    });
    const { entries, ...rest } = top(profile);
    assert.deepEqual(entries, [
      entry({ name: 'leaf', flat: 30n, cum: 30n, flatPercent: 75, cumPercent: 75 }),
      entry({ name: 'main', flat: 10n, cum: 40n, flatPercent: 25, cumPercent: 100 }),
    ]);
    assert.deepEqual([rest.sampleType, rest.unit, rest.total], ['cpu', 'nanoseconds', 40n]);
  });

  it('counts a recursive function once per sample', () => {
    const profile = profileOf({ samples: [{ stack: ['f', 'g', 'f', 'f'], values: [5] }] });
    assert.deepEqual(figures(profile), ['f 5 5', 'g 0 5']);
  });

  it('sorts by flat without its sign, then by the bytes of the name, then by cum', () => {
    const profile = profileOf({
      samples: [
        { stack: ['b'], values: [5] },
        { stack: ['a'], values: [-5] },
        { stack: ['\u{1f600}'], values: [5] },
        { stack: ['\ue000'], values: [5] },
        { stack: ['z', 'less', 'more'], values: [9] },
      ],
    });
    const order = [
      'z 9 9',
      'a -5 -5',
      'b 5 5',
      '\ue000 5 5',
      '\u{1f600} 5 5',
      'less 0 9',
      'more 0 9',
    ];
    assert.deepEqual(figures(profile), order);
  });

  it('divides functions by name, by file or by line', () => {
    const profile = profileOf({
      samples: [
        { stack: [{ name: 'f', file: '/x.js', line: 1 }], values: [1] },
        { stack: [{ name: 'f', file: '/x.js', line: 2 }], values: [2] },
        { stack: [{ name: 'f', file: '/lib/../y.js', line: 2 }], values: [4] },
      ],
    });
    assert.deepEqual(figures(profile), ['f 7 7']);
    assert.deepEqual(figures(profile, { granularity: 'filefunctions' }), [
      'f /y.js 4 4',
      'f /x.js 3 3',
    ]);
    assert.deepEqual(figures(profile, { granularity: 'lines' }), [
      'f /y.js:2 4 4',
      'f /x.js:2 2 2',
      'f /x.js:1 1 1',
    ]);
    assert.throws(() => top(profile, { granularity: 'addresses' as 'lines' }), {
      message:
        /^granularity must be one of "functions", "filefunctions", "lines"; got "addresses"$/,
    });
  });

  it('takes the given sample type, else the default of the profile, else the last', () => {
    const samples = [{ stack: ['f'], values: [1, 20] }];
    assert.equal(top(profileOf({ types: TYPES, samples })).sampleType, 'cpu');
    assert.equal(top(profileOf({ types: TYPES, samples, defaultType: 'sample' })).total, 1n);
    assert.equal(top(profileOf({ types: TYPES, samples, defaultType: 'none' })).total, 20n);
    assert.equal(top(profileOf({ types: TYPES, samples }), { sampleType: 'sample' }).total, 1n);
  });

  it('refuses an unknown sample type, and lists all the profile has', () => {
    const profile = profileOf({ types: TYPES, samples: [] });
    assert.throws(
      () => top(profile, { sampleType: 'wall' }),
      (error) =>
        error instanceof InvalidOptionError &&
        /^sampleType must be one of "sample", "cpu"; got "wall"$/.test(error.message),
    );
    assert.throws(() => top(new Profile()), InvalidOptionError);
    assert.throws(() => top(profile, { sampletype: 'cpu' } as object), /top\.sampletype/);
  });

  it('counts only samples with the labels, in percent of all samples', () => {
    const profile = profileOf({
      samples: [
        { stack: ['f'], values: [1], labels: { rule: 'r1' } },
        { stack: ['f'], values: [2], labels: { rule: 'r2' } },
        { stack: ['f'], values: [5], labels: { thread: 7 } },
      ],
    });
    const counted = (labels: Record<string, string | number | string[]>) =>
      top(profile, { labels }).entries.map(({ flat, flatPercent }) => [flat, flatPercent]);
    assert.deepEqual(counted({ rule: 'r1' }), [[1n, 12.5]]);
    assert.deepEqual(counted({ rule: ['r1', 'r2'] }), [[3n, 37.5]]);
    assert.deepEqual(counted({ thread: 7 }), [[5n, 62.5]]);
    assert.deepEqual(counted({ rule: 'r1', thread: 7 }), []);
    assert.throws(
      () => counted({ rule: null as unknown as string }),
      /labels\.rule must be a string/,
    );
  });

  it('sums samples of one stack before it sums the total', () => {
    const samples = [5, -2].map((value) => ({ stack: ['f'], values: [value] }));
    assert.equal(top(profileOf({ samples })).total, 3n);
    const elsewhere = { stack: ['g'], values: [-1] };
    assert.equal(top(profileOf({ samples: [...samples, elsewhere] })).total, 4n);
  });

  it('is exact beyond the range of a number, and reads negative values', () => {
    const odd = 2n ** 60n + 1n;
    const profile = reread(
      profileOf({
        samples: [
          { stack: ['f'], values: [odd] },
          { stack: ['f'], values: [odd] },
          { stack: ['g'], values: [-3] },
        ],
      }),
    );
    assert.deepEqual(figures(profile), [`f ${odd * 2n} ${odd * 2n}`, 'g -3 -3']);
    assert.equal(top(profile).total, odd * 2n + 3n);
  });

  it('throws for a broken reference, and for a sample with too few values', () => {
    const profile = profileOf({ samples: [{ stack: ['f'], values: [1] }] });
    profile.location = [];
    assert.throws(() => top(profile), /the profile refers to location 11, which it does not have/);
    const short = profileOf({ types: TYPES, samples: [{ stack: ['f'], values: [1] }] });
    assert.throws(() => top(short), /a sample must have 2 values, one per sample type; got 1/);
  });

  it('has flat values that sum to the total, each at most its cum', () => {
    fc.assert(
      fc.property(profiles(), fc.constantFrom('sample', 'cpu'), (profile, sampleType) => {
        const { entries, total } = top(profile, { sampleType });
        assert.equal(
          entries.reduce((sum, { flat }) => sum + flat, 0n),
          total,
        );
        for (const { flat, cum } of entries) assert.ok(cum >= flat && cum <= total);
      }),
    );
  });

  it('agrees with a plain sum over the samples', () => {
    fc.assert(
      fc.property(specs({ negative: true }), (spec) => {
        const expected = new Map<string, [bigint, bigint]>();
        const add = (name: string, place: 0 | 1, value: bigint): void => {
          const totals = expected.get(name) ?? [0n, 0n];
          totals[place] += value;
          expected.set(name, totals);
        };
        const nameless = spec.program === undefined ? '<unknown>' : `[${spec.program.slice(9)}]`;
        for (const { stack, values } of spec.samples) {
          const names = stack
            .flat()
            .map((frame) => (typeof frame === 'string' ? frame : frame.name));
          add(names[0] || nameless, 0, BigInt(values[1]!));
          for (const name of new Set(names)) add(name || nameless, 1, BigInt(values[1]!));
        }
        assert.deepEqual(
          figures(reread(profileOf(spec))).sort(),
          [...expected]
            .filter(([, [flat, cum]]) => flat !== 0n || cum !== 0n)
            .map(([name, totals]) => [name, ...totals].join(' '))
            .sort(),
        );
      }),
    );
  });
});

function figures(profile: Profile, options?: Parameters<typeof top>[1]): string[] {
  return top(profile, options).entries.map(({ name, flat, cum }) => `${name} ${flat} ${cum}`);
}

function entry({ name, ...rest }: { name: string; [figure: string]: unknown }): object {
  return { name, functionName: name, file: '', line: 0, ...rest };
}
