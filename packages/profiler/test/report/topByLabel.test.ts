import assert from 'node:assert/strict';
import fc from 'fast-check';
import { top } from '../../src/report/top';
import { topByLabel } from '../../src/report/topByLabel';
import { profileOf, profiles } from '../support/profiles';

describe('topByLabel', () => {
  it('divides a profile by the values of a label, including samples without it', () => {
    const profile = profileOf({
      samples: [
        { stack: ['f'], values: [1], labels: { rule: 'r1' } },
        { stack: ['g'], values: [2], labels: { rule: 7 } },
        { stack: ['f'], values: [4], labels: { tenant: 'r1' } },
        { stack: ['g'], values: [8], labels: { rule: 'r1' } },
      ],
    });
    const tops = topByLabel(profile, 'rule');
    assert.deepEqual(
      [...tops].map(([value, { entries }]) => [value, entries.map(({ flat }) => flat)]),
      [
        ['r1', [8n, 1n]],
        ['7', [2n]],
        [undefined, [4n]],
      ],
    );
    assert.deepEqual(tops.get('r1'), top(profile, { labels: { rule: 'r1' } }));
    assert.equal(tops.get('7')?.entries[0]?.flatPercent, (2 / 15) * 100);
  });

  it('has parts that sum to the whole', () => {
    fc.assert(
      fc.property(profiles({ negative: true }), (profile) => {
        const sums = new Map<string, bigint>();
        for (const { entries } of topByLabel(profile, 'rule').values()) {
          for (const { name, cum } of entries) sums.set(name, (sums.get(name) ?? 0n) + cum);
        }
        // A function whose parts cancel out is missing from the whole.
        const whole = new Map(top(profile).entries.map(({ name, cum }) => [name, cum]));
        for (const name of new Set([...sums.keys(), ...whole.keys()])) {
          if (name !== '<unknown>') assert.equal(sums.get(name) ?? 0n, whole.get(name) ?? 0n, name);
        }
      }),
    );
  });

  it('refuses the option labels', () => {
    const profile = profileOf({ samples: [] });
    assert.throws(
      () => topByLabel(profile, 'rule', { labels: {} } as object),
      /topByLabel\.labels/,
    );
  });
});
