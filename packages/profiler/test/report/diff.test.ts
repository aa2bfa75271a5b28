import assert from 'node:assert/strict';
import fc from 'fast-check';
import { diff } from '../../src/report/diff';
import { fold } from '../../src/report/fold';
import { top } from '../../src/report/top';
import { profileOf, profiles } from '../support/profiles';

describe('diff', () => {
  it('gives the change of each function, in percent of the base', () => {
    const base = profileOf({
      samples: [
        { stack: ['f', 'main'], values: [10] },
        { stack: ['g', 'main'], values: [30] },
      ],
    });
    const other = profileOf({ samples: [{ stack: ['f', 'main'], values: [25] }] });
    const { entries, total } = top(diff(base, other));
    assert.deepEqual(
      entries.map(({ name, flat, flatPercent, cum }) => [name, flat, flatPercent, cum]),
      [
        ['g', -30n, -75, -30n],
        ['f', 15n, 37.5, 15n],
        ['main', 0n, 0, -15n],
      ],
    );
    assert.equal(total, 40n);
  });

  it('is empty between a profile and itself', () => {
    fc.assert(
      fc.property(profiles({ negative: true }), (profile) => {
        const nothing = diff(profile, profile);
        assert.deepEqual(top(nothing).entries, []);
        assert.equal(fold(nothing), '');
      }),
    );
  });

  it('has the difference of the two for each stack', () => {
    fc.assert(
      fc.property(profiles(), profiles(), (base, other) => {
        const expected = parse(fold(other));
        for (const [stack, value] of parse(fold(base))) {
          expected.set(stack, (expected.get(stack) ?? 0n) - value);
        }
        for (const [stack, value] of expected) if (value === 0n) expected.delete(stack);
        assert.deepEqual(parse(fold(diff(base, other))), expected);
      }),
    );
  });

  it('replaces the base label of an earlier diff', () => {
    const profile = profileOf({
      samples: [{ stack: ['f'], values: [1], labels: { 'pprof::base': 'no' } }],
    });
    const [, marked] = diff(profile, profile).sample;
    assert.equal(marked?.label.length, 1);
  });

  it('refuses profiles with different sample types', () => {
    const wall = profileOf({ types: [['wall', 'nanoseconds']], samples: [] });
    assert.throws(
      () => diff(profileOf({ samples: [] }), wall),
      /cpu\/nanoseconds.*wall\/nanoseconds|wall\/nanoseconds.*cpu\/nanoseconds/,
    );
  });
});

function parse(folded: string): Map<string, bigint> {
  return new Map(
    folded
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), BigInt(line.slice(space + 1))];
      }),
  );
}
