import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapSources } from '../../src/report/mapSources';
import { top } from '../../src/report/top';
import { contentOf, profileOf, profiles } from '../support/profiles';

describe('mapSources', () => {
  it('gives frames the names, files, lines and columns that the lookup returns', () => {
    const asked: unknown[] = [];
    const profile = profileOf({
      samples: [
        {
          stack: [
            { name: 'a', file: '/x.js', line: 1, column: 99 },
            { name: 'b', file: '/x.js', line: 2 },
            { name: 'c', file: '/y.js', line: 3, column: 4 },
            { name: 'd', file: '/x.js' },
            { name: 'e', line: 5 },
          ],
          values: [1],
        },
      ],
    });
    const mapped = mapSources(profile, (...place) => {
      asked.push(place);
      const [file, line] = place;
      if (file !== '/x.js') return undefined;
      return line === 1
        ? { name: 'original', file: '/x.ts', line: 10, column: 3 }
        : { file: '/z.ts', line: 20 };
    });
    assert.deepEqual(asked, [
      ['/x.js', 1, 99],
      ['/x.js', 2, undefined],
      ['/y.js', 3, 4],
    ]);
    const text = (index: number | bigint): string | undefined =>
      mapped.stringTable.strings[Number(index)];
    assert.deepEqual(
      mapped.location.map(({ line: [place] }) => {
        const fn = mapped.function[Number(place!.functionId) - 1]!;
        return [text(fn.name), text(fn.systemName), text(fn.filename), place!.line, place!.column];
      }),
      [
        ['original', 'a', '/x.ts', 10, 3],
        ['b', 'b', '/z.ts', 20, 0],
        ['c', 'c', '/y.js', 3, 4],
        ['d', 'd', '/x.js', 0, 0],
        ['e', 'e', '', 5, 0],
      ],
    );
    assert.ok(!mapped.stringTable.strings.includes('/w.js'));
  });

  it('sums samples whose stacks have the same original position', () => {
    const at = (line: number) => ({ stack: [{ name: 'f', file: '/x.js', line }], values: [line] });
    const mapped = mapSources(profileOf({ samples: [at(1), at(2)] }), () => ({
      file: '/x.ts',
      line: 7,
    }));
    assert.deepEqual(
      mapped.sample.map(({ value }) => value),
      [[3]],
    );
  });

  it('renames anonymous functions, whose name is their place in the script', () => {
    const names = ['(anonymous:L#1:C#9)', '(anonymous:L#1)', '(anonymous)'];
    const profile = profileOf({
      samples: [{ stack: names.map((name) => ({ name, file: '/x.js', line: 1 })), values: [1] }],
    });
    const namesWith = (column: number | undefined): string[] =>
      top(mapSources(profile, () => ({ file: '/x.ts', line: 5, column })))
        .entries.map(({ name }) => name)
        .sort();
    assert.deepEqual(namesWith(3), ['(anonymous)', '(anonymous:L#5:C#3)']);
    assert.deepEqual(namesWith(undefined), ['(anonymous)', '(anonymous:L#5)']);
  });

  it('maps the first line of a function if it is in the same file', () => {
    const profile = profileOf({
      samples: [{ stack: [{ name: 'f', file: '/x.js', line: 9 }], values: [1] }],
    });
    profile.function[0]!.startLine = 8;
    const startLine = (otherFile: string) =>
      mapSources(profile, (_, line) => ({
        file: line === 8 ? otherFile : '/x.ts',
        line: line + 100,
      })).function[0]?.startLine;
    assert.equal(startLine('/x.ts'), 108);
    assert.equal(startLine('/y.ts'), 0);
    // When line and first line are equal, one lookup serves both.
    profile.function[0]!.startLine = 9;
    let asked = 0;
    const [mapped] = mapSources(profile, () => ({ file: '/x.ts', line: 100 + ++asked })).function;
    assert.deepEqual([mapped?.startLine, asked], [101, 1]);
  });

  it('changes nothing when the lookup returns undefined', () => {
    fc.assert(
      fc.property(profiles({ negative: true }), (profile) => {
        assert.deepEqual(contentOf(mapSources(profile, () => undefined)), contentOf(profile));
      }),
    );
  });
});
