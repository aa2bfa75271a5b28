import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fold } from '../../src/report/fold';
import { top } from '../../src/report/top';
import { profileOf, profiles } from '../support/profiles';

describe('fold', () => {
  it('writes a line for each stack, root first', () => {
    const profile = profileOf({
      types: [
        ['sample', 'count'],
        ['cpu', 'nanoseconds'],
      ],
      samples: [
        { stack: ['leaf', 'main'], values: [1, 10] },
        { stack: ['main'], values: [2, 0] },
        { stack: ['leaf', 'main'], values: [3, 30], labels: { rule: 'r1' } },
      ],
    });
    assert.equal(fold(profile), 'main;leaf 40\n');
    assert.equal(fold(profile, { sampleType: 'sample' }), 'main 2\nmain;leaf 4\n');
    assert.equal(fold(profile, { rootLabel: 'rule' }), 'main;leaf 10\nrule=r1;main;leaf 30\n');
    assert.throws(() => fold(profile, { sampleType: 'wall' }), /one of "sample", "cpu"/);
    assert.throws(() => fold(profile, 'cpu' as unknown as object), /fold must be a plain object/);
  });

  it('replaces characters in names that would split a frame or a line', () => {
    const profile = profileOf({
      samples: [
        { stack: ['a;b', 'x\r\ny z', ''], values: [1], labels: { rule: 'r;1\n2' } },
        { stack: [], values: [2] },
      ],
    });
    assert.equal(
      fold(profile, { rootLabel: 'rule' }),
      '<unknown> 2\nrule=r:1 2;<unknown>;x y z;a:b 1\n',
    );
  });

  it('puts inlined functions in the order of the calls', () => {
    const inlined = [{ name: 'inner' }, { name: 'outer' }];
    const profile = profileOf({ samples: [{ stack: ['leaf', inlined, 'main'], values: [1] }] });
    assert.equal(fold(profile), 'main;outer;inner;leaf 1\n');
  });

  it('has lines that sum to the profile, without empty frames', () => {
    fc.assert(
      fc.property(profiles(), fc.constantFrom(undefined, 'rule'), (profile, rootLabel) => {
        const lines = fold(profile, rootLabel === undefined ? {} : { rootLabel }).split('\n');
        assert.equal(lines.pop(), '');
        let sum = 0n;
        for (const line of lines) {
          const [, stack, value] = /^(.+) (-?\d+)$/.exec(line)!;
          assert.ok(stack!.split(';').every((frame) => frame !== ''));
          sum += BigInt(value!);
        }
        assert.equal(sum, top(profile).total);
      }),
    );
  });
});
