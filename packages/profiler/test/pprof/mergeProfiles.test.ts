import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Profile } from '../../src/pprof/Profile';
import { InvalidOptionError } from '../../src/base/errors';
import { mergeProfiles } from '../../src/pprof/mergeProfiles';
import { top } from '../../src/report/top';
import { contentOf, profileOf, profiles, reread } from '../support/profiles';

const ANY = profiles({ negative: true });

describe('mergeProfiles', () => {
  it('sums samples with the same stack and labels', () => {
    const spec = {
      samples: [
        { stack: ['f', 'main'], values: [1], labels: { rule: 'r1' } },
        { stack: ['f', 'main'], values: [2], labels: { rule: 'r2' } },
        { stack: ['f', 'main'], values: [4], labels: { rule: 'r1' } },
      ],
    };
    const merged = mergeProfiles([profileOf(spec), profileOf(spec)]);
    assert.deepEqual(
      merged.sample.map(({ value }) => value),
      [[10], [4]],
    );
    assert.deepEqual([merged.location.length, merged.function.length], [2, 2]);
  });

  it('sums samples whose labels have another order', () => {
    const merged = mergeProfiles(
      [
        { rule: 'r1', tenant: 'a' },
        { tenant: 'a', rule: 'r1' },
      ].map((labels) => profileOf({ samples: [{ stack: ['f'], values: [1], labels }] })),
    );
    assert.deepEqual(
      merged.sample.map(({ value }) => value),
      [[2]],
    );
  });

  it('keeps the content of a single profile, whether built or decoded', () => {
    fc.assert(
      fc.property(ANY, (profile) => {
        assert.deepEqual(contentOf(mergeProfiles([profile])), contentOf(profile));
        assert.deepEqual(contentOf(mergeProfiles([reread(profile)])), contentOf(profile));
        assert.deepEqual(contentOf(reread(mergeProfiles([profile]))), contentOf(profile));
      }),
    );
  });

  it('gives the same result for any order and any grouping of profiles', () => {
    fc.assert(
      fc.property(ANY, ANY, ANY, (a, b, c) => {
        const all = contentOf(mergeProfiles([a, b, c]));
        assert.deepEqual(contentOf(mergeProfiles([c, a, b])), all);
        assert.deepEqual(contentOf(mergeProfiles([mergeProfiles([a, b]), c])), all);
        assert.deepEqual(contentOf(mergeProfiles([a, mergeProfiles([b, c])])), all);
      }),
    );
  });

  it('has for each function the sum of its values in the profiles', () => {
    fc.assert(
      fc.property(profiles(), profiles(), (a, b) => {
        const sums = new Map<string, bigint>();
        for (const { name, cum } of [...top(a).entries, ...top(b).entries]) {
          if (name.startsWith('[') || name === '<unknown>') continue;
          sums.set(name, (sums.get(name) ?? 0n) + cum);
        }
        const merged = top(mergeProfiles([a, b])).entries;
        for (const [name, sum] of sums) {
          assert.equal(merged.find((entry) => entry.name === name)?.cum, sum);
        }
        assert.equal(top(mergeProfiles([a, b])).total, top(a).total + top(b).total);
      }),
    );
  });

  it('has each function and location once, and only those that a sample needs', () => {
    fc.assert(
      fc.property(ANY, ANY, (a, b) => {
        const { sample, location, function: functions } = mergeProfiles([a, b]);
        const used = new Set(sample.flatMap(({ locationId }) => locationId));
        const called = new Set(location.flatMap(({ line }) => line.map((one) => one.functionId)));
        assert.deepEqual([used.size, called.size], [location.length, functions.length]);
        assert.equal(
          new Set(functions.map(({ id: _, ...rest }) => Object.values(rest).join())).size,
          functions.length,
        );
        for (const { value } of sample) assert.ok(value.some((one) => one != 0));
      }),
    );
  });

  it('drops samples that cancel each other out, with their functions and text', () => {
    const merged = mergeProfiles([
      profileOf({
        samples: [
          { stack: ['gone'], values: [3] },
          { stack: ['stays'], values: [1] },
        ],
      }),
      profileOf({ samples: [{ stack: ['gone'], values: [-3] }] }),
    ]);
    assert.deepEqual(
      [merged.sample.length, merged.location.length, merged.function.length],
      [1, 1, 1],
    );
    assert.ok(!merged.stringTable.strings.includes('gone'));
  });

  it('takes the sum of durations, the earliest time, the longest period, every comment', () => {
    const part = (timeNanos: number, period: number, comments: string[]): Profile =>
      profileOf({ samples: [], comments, header: { timeNanos, period, durationNanos: 10 } });
    const merged = mergeProfiles([part(50, 1, ['x']), part(40, 3, ['y', 'x']), part(0, 2, [])]);
    const { timeNanos, period, durationNanos, comment, stringTable } = merged;
    assert.deepEqual([timeNanos, period, durationNanos], [40, 3, 30]);
    assert.deepEqual(
      comment.map((index) => stringTable.strings[Number(index)]),
      ['x', 'y'],
    );
  });

  it('recognizes a program that was loaded at another address', () => {
    const at = (start: bigint): Profile => {
      const profile = profileOf({ program: '/bin/p', samples: [{ stack: ['f'], values: [1] }] });
      profile.mapping[0]!.memoryStart = start;
      profile.mapping[0]!.memoryLimit = start + 0x1000n;
      profile.location[0]!.address = start + 0x10n;
      return profile;
    };
    const merged = mergeProfiles([at(0x1000n), at(2n ** 63n)]);
    assert.deepEqual(merged.sample[0]?.value, [2]);
    assert.deepEqual([merged.mapping.length, merged.location[0]?.address], [1, 0x1010]);
  });

  it('changes no input', () => {
    fc.assert(
      fc.property(ANY, (profile) => {
        const before = profile.encode();
        mergeProfiles([profile, profile]);
        assert.deepEqual(profile.encode(), before);
      }),
    );
  });

  it('refuses profiles with different sample types, and names both', () => {
    const cpu = profileOf({ samples: [] });
    const wall = profileOf({ types: [['wall', 'nanoseconds']], samples: [] });
    assert.throws(() => mergeProfiles([cpu, cpu, wall]), {
      name: 'InvalidOptionError',
      message:
        /^sample types of profiles\[2\] must be the same as in profiles\[0\], cpu\/nanoseconds; got "wall\/nanoseconds"$/,
    });
    assert.throws(
      () => mergeProfiles([cpu, profileOf({ types: [['cpu', 'ms']], samples: [] })]),
      /cpu\/ms/,
    );
    assert.throws(() => mergeProfiles([]), InvalidOptionError);
  });
});
