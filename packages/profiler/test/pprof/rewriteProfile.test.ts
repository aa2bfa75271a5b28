import assert from 'node:assert/strict';
import { rewriteProfile } from '../../src/pprof/rewriteProfile';
import { comments, plain } from '../support/pprof';
import { profileOf, reread } from '../support/profiles';

const sample = (stack: string[], ...values: number[]) => ({ stack, labels: {}, values });
const of = (...samples: ReturnType<typeof sample>[]) =>
  profileOf({
    types: [
      ['objects', 'count'],
      ['space', 'bytes'],
    ],
    samples,
    comments: ['a test'],
    defaultType: 'objects',
  });

describe('rewriteProfile', () => {
  it('adds comments and changes the default sample type', () => {
    const profile = rewriteProfile(of(sample(['f'], 1, 2)), {
      comments: ['b'],
      defaultSampleType: 'space',
    });
    assert.deepEqual(comments(profile), ['a test', 'b']);
    assert.equal(profile.stringTable.strings[Number(profile.defaultSampleType)], 'space');
    assert.deepEqual(plain(reread(profile)), [sample(['f'], 1, 2)]);
  });

  it('subtracts a profile, and leaves out stacks without a change', () => {
    const before = of(
      sample(['gone', 'main'], 1, 100),
      sample(['same', 'main'], 5, 50),
      sample(['grows', 'main'], 2, 20),
    );
    const after = of(
      sample(['grows', 'main'], 3, 35),
      sample(['new', 'main'], 4, 40),
      sample(['same', 'main'], 5, 50),
    );
    assert.deepEqual(plain(reread(rewriteProfile(after, { minus: before }))), [
      sample(['grows', 'main'], 1, 15),
      sample(['new', 'main'], 4, 40),
      sample(['gone', 'main'], -1, -100),
    ]);
  });

  it('adds a label to all samples', () => {
    const label = { key: 'thread', value: 'worker-3' };
    const profile = rewriteProfile(of(sample(['f'], 3, 2)), {
      label,
      minus: of(sample(['f'], 1, 1)),
    });
    assert.deepEqual(plain(reread(profile)), [
      { stack: ['f'], labels: { thread: 'worker-3' }, values: [2, 1] },
    ]);
  });

  it('does not change its arguments', () => {
    const [after, before] = [of(sample(['a'], 1, 1)), of(sample(['b'], 1, 1))];
    const bytes = [after.encode(), before.encode()];
    rewriteProfile(after, { comments: ['b'], minus: before });
    assert.deepEqual([after.encode(), before.encode()], bytes);
  });
});
