import assert from 'node:assert/strict';
import { formatTop } from '../../src/report/formatTop';
import { top } from '../../src/report/top';
import { type ProfileSpec, profileOf } from '../support/profiles';

/** Returns the marks of the functions. An array in a stack is a location with inlined functions. */
function marks(...samples: ProfileSpec['samples']): Record<string, string | undefined> {
  const { entries } = top(profileOf({ samples }));
  return Object.fromEntries(entries.map(({ name, inline }) => [name, inline]));
}

const inlined = (...names: string[]) => names.map((name) => ({ name }));

describe('InlinedCalls', () => {
  it('tells functions that were always, sometimes and never inlined', () => {
    const found = marks(
      { stack: [inlined('always', 'sometimes', 'never')], values: [1] },
      { stack: ['sometimes', 'other'], values: [1] },
    );
    assert.deepEqual(found, {
      always: 'inline',
      sometimes: 'partial-inline',
      never: undefined,
      other: undefined,
    });
  });

  it('counts a caller as not inlining after one call that was not inlined', () => {
    const found = marks(
      { stack: [inlined('f', 'main')], values: [1] },
      { stack: ['f', 'main'], values: [1] },
    );
    assert.equal(found['f'], undefined);
  });

  it('does not count recursion, samples of 0 and rare calls', () => {
    assert.equal(marks({ stack: [inlined('f', 'f')], values: [1] })['f'], undefined);
    const found = marks(
      { stack: [inlined('f', 'main')], values: [1] },
      { stack: [inlined('g', 'main')], values: [0] },
      { stack: ['main'], values: [5_000] },
    );
    assert.deepEqual(found, { main: undefined, f: undefined });
  });

  it('is in the text as pprof writes it', () => {
    const samples = [{ stack: [inlined('f', 'main')], values: [1] }];
    assert.match(formatTop(top(profileOf({ samples }))), / 100% {2}f \(inline\)\n/);
  });
});
