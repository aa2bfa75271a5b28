import assert from 'node:assert/strict';
import type { Profile } from 'pprof-format';
import { InvalidOptionError } from '../../src/base/errors';
import { plain } from '../support/pprof';
import { type ProfileSpec, profileOf } from '../support/profiles';

type Stack = ProfileSpec['samples'][number]['stack'];

/** Returns a profile of one sample. The stack is leaf first. */
function withStack(stack: Stack, drop: string, keep = ''): Profile {
  const profile = profileOf({ samples: [{ stack, values: [1] }] });
  profile.dropFrames = profile.stringTable.dedup(drop);
  profile.keepFrames = profile.stringTable.dedup(keep);
  return profile;
}

function remaining(...args: Parameters<typeof withStack>): readonly string[] {
  return plain(withStack(...args))[0]!.stack;
}

describe('FrameDropper', () => {
  it('drops a matching function and what it called', () => {
    assert.deepEqual(remaining(['leaf', 'malloc', 'f', 'main'], 'malloc'), ['f', 'main']);
    assert.deepEqual(remaining(['leaf', 'f', 'main'], 'malloc'), ['leaf', 'f', 'main']);
  });

  it('drops from the outermost match on', () => {
    assert.deepEqual(remaining(['a', 'x', 'b', 'x', 'main'], 'x'), ['main']);
  });

  it('keeps a matching function without a caller that stays', () => {
    assert.deepEqual(remaining(['f', 'x', 'x'], 'x'), ['f', 'x', 'x']);
    assert.deepEqual(remaining(['x', 'f', 'x'], 'x'), ['f', 'x']);
  });

  it('matches whole names, and keep_frames wins', () => {
    assert.deepEqual(remaining(['malloc_fast', 'f'], 'malloc'), ['malloc_fast', 'f']);
    assert.deepEqual(remaining(['malloc', 'f'], 'm.*', 'malloc'), ['malloc', 'f']);
    assert.deepEqual(remaining(['b', 'f'], 'a|b'), ['f']);
  });

  it('ignores parameters and a leading dot', () => {
    assert.deepEqual(remaining(['new(int, char)', 'f'], 'new'), ['f']);
    assert.deepEqual(remaining(['.new', 'f'], 'new'), ['f']);
    assert.deepEqual(remaining(['A::operator()(int)', 'f'], 'A::operator\\(\\)'), ['f']);
  });

  it('ignores functions without a name', () => {
    assert.deepEqual(remaining(['', 'f'], '.*'), ['', 'f']);
  });

  it('drops inlined functions and keeps the rest of their location', () => {
    const location = [{ name: 'leaf' }, { name: 'malloc' }, { name: 'f' }];
    assert.deepEqual(remaining([location, 'main'], 'malloc'), ['f', 'main']);
    assert.deepEqual(remaining(['g', location, 'main'], 'f'), ['main']);
  });

  it('names the field that is no regular expression', () => {
    assert.throws(() => remaining(['f'], '('), {
      name: InvalidOptionError.name,
      message: 'drop_frames of the profile must be a regular expression; got "("',
    });
    assert.throws(() => remaining(['f'], 'a', '*'), /^InvalidOptionError: keep_frames of the/);
  });
});
