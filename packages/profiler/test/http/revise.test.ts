import assert from 'node:assert/strict';
import { revise } from '../../src/http/revise';
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

describe('revise', () => {
  it('adds comments and shows another sample type first', () => {
    const profile = revise(of(sample(['f'], 1, 2)), {
      comments: ['b'],
      defaultSampleType: 'space',
    });
    assert.deepEqual(comments(profile), ['a test', 'b']);
    assert.equal(profile.stringTable.strings[Number(profile.defaultSampleType)], 'space');
    assert.deepEqual(plain(reread(profile)), [sample(['f'], 1, 2)]);
  });

  it('gives the change of each stack, and leaves out those without', () => {
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
    assert.deepEqual(plain(reread(revise(after, { minus: before }))), [
      sample(['grows', 'main'], 1, 15),
      sample(['new', 'main'], 4, 40),
      sample(['gone', 'main'], -1, -100),
    ]);
  });

  it('leaves what it is given as it is', () => {
    const [after, before] = [of(sample(['a'], 1, 1)), of(sample(['b'], 1, 1))];
    const bytes = [after.encode(), before.encode()];
    revise(after, { comments: ['b'], minus: before });
    assert.deepEqual([after.encode(), before.encode()], bytes);
  });
});
