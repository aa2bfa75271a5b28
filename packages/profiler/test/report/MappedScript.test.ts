import assert from 'node:assert/strict';
import { type TraceMap, decodedMappings } from '@jridgewell/trace-mapping';
import fc from 'fast-check';
import { MappedScript } from '../../src/report/MappedScript';
import { type Segment, encodeMappings } from '../support/sourceMaps';

/** Characters of a line of the script: `x(x(x(...`, so that a name stands before each `(`. */
const WIDTH = 400;
const NAMES = Array.from({ length: 50 }, (_, index) => `name${index}`);

const SEGMENTS: fc.Arbitrary<Segment[]> = fc
  .uniqueArray(
    fc.record({
      line: fc.nat(3),
      column: fc.nat(WIDTH / 2 - 1).map((half) => half * 2),
      originalLine: fc.nat(1_000),
      originalColumn: fc.nat(100),
      name: fc.option(fc.nat(NAMES.length - 1), { nil: undefined }),
    }),
    { selector: ({ line, column }) => `${line}:${column}` },
  )
  .map((all) =>
    all
      .sort((a, b) => a.line - b.line || a.column - b.column)
      .map(({ name, ...rest }) => (name === undefined ? rest : { ...rest, name })),
  );

describe('MappedScript', () => {
  const scriptOf = (map: object): MappedScript =>
    new MappedScript({
      text: `${'x('.repeat(WIDTH / 2)}\n`.repeat(4),
      map: JSON.stringify({ version: 3, ...map }),
      mapUrl: new URL('file:///app/x.js.map'),
    });
  const mapOf = (segments: readonly Segment[], source = 'x.ts'): object => ({
    version: 3,
    sources: [source],
    names: NAMES,
    mappings: encodeMappings(segments),
  });

  it('finds the mapping at or before a place in its line, and no name of an earlier one', () => {
    fc.assert(
      fc.property(SEGMENTS, (all) => {
        const script = scriptOf(mapOf(all));
        for (const { line, column, originalLine, originalColumn, name } of all) {
          // The 1-based column of the `(` after the mapped name.
          assert.deepEqual(script.originalPosition(line + 1, column + 2), {
            file: '/app/x.ts',
            line: originalLine + 1,
            column: originalColumn + 1,
            ...(name === undefined ? {} : { name: NAMES[name] }),
          });
          const isMapped = all.some((one) => one.line === line && one.column === column + 2);
          // The next name has no mapping, so it has the position before it, but not its name.
          if (isMapped || column + 2 >= WIDTH) continue;
          assert.deepEqual(script.originalPosition(line + 1, column + 4), {
            file: '/app/x.ts',
            line: originalLine + 1,
            column: originalColumn + 1,
          });
        }
        assert.equal(script.originalPosition(9, 1), undefined);
      }),
    );
  });

  it('takes the first mapping of a line whose first character has none, such as `else`', () => {
    const segment = { line: 1, column: 10, originalLine: 6, originalColumn: 2 };
    const script = scriptOf(mapOf([segment]));
    assert.deepEqual(script.originalPosition(2), { file: '/app/x.ts', line: 7 });
    assert.equal(script.originalPosition(2, 1), undefined);
    assert.equal(script.originalPosition(3), undefined);
  });

  it('finds in a map of sections what a map without sections has', () => {
    fc.assert(
      fc.property(SEGMENTS, fc.nat(3), fc.nat(WIDTH), (all, line, column) => {
        const isFirst = (one: Segment) =>
          one.line < line || (one.line === line && one.column < column);
        const second = all
          .filter((one) => !isFirst(one))
          .map((one) => ({
            ...one,
            line: one.line - line,
            column: one.line === line ? one.column - column : one.column,
          }));
        const sections = [
          { offset: { line: 0, column: 0 }, map: mapOf(all.filter(isFirst)) },
          { offset: { line, column }, map: mapOf(second) },
        ];
        const [whole, divided] = [scriptOf(mapOf(all)), scriptOf({ sections })];
        for (const one of all) {
          assert.deepEqual(
            divided.originalPosition(one.line + 1, one.column + 2),
            whole.originalPosition(one.line + 1, one.column + 2),
          );
        }
      }),
    );
  });

  it('resolves each source: a path for a file, a bundler URL unchanged', () => {
    const fileOf = (source: string, rest: object = {}): string | undefined =>
      scriptOf({
        ...mapOf([{ line: 0, column: 0, originalLine: 0, originalColumn: 0 }], source),
        ...rest,
      }).originalPosition(1, 1)?.file;
    assert.equal(fileOf('a b/../c%20d.ts'), '/app/c d.ts');
    assert.equal(fileOf('file:///elsewhere/x.ts'), '/elsewhere/x.ts');
    assert.equal(fileOf('x.ts', { sourceRoot: '/root/' }), '/root/x.ts');
    assert.equal(fileOf('x.ts', { sourceRoot: '../root' }), '/root/x.ts');
    assert.equal(fileOf('webpack://app/./x.ts'), 'webpack://app/./x.ts');
    assert.equal(fileOf('a%2fb.ts'), 'a%2fb.ts');
  });

  it('decodes no lines after the end of the script', () => {
    const script = scriptOf({ ...mapOf([]), mappings: `AAAA;AACA${';'.repeat(1_000)}` });
    assert.equal(script.originalPosition(2, 1)?.line, 2);
    const { map } = script as unknown as { map: TraceMap };
    assert.equal(decodedMappings(map).length, 5);
  });

  it('ignores an original position before the start of a file, and names that are not an array', () => {
    const at = { line: 0, column: 0, originalLine: 0, originalColumn: 0 };
    const before = [
      { ...at, originalLine: -1 },
      { ...at, originalColumn: -1 },
    ];
    for (const segment of before) {
      assert.equal(scriptOf(mapOf([segment])).originalPosition(1, 1), undefined);
    }
    const named = mapOf([{ ...at, name: 1 }]);
    assert.equal(scriptOf(named).originalPosition(1, 2)?.name, 'name1');
    const misnamed = scriptOf({ ...named, names: 'abc' }).originalPosition(1, 2);
    assert.deepEqual(misnamed, { file: '/app/x.ts', line: 1, column: 1 });
  });

  it('throws for anything but a map of version 3 with sections in the script', () => {
    const part = mapOf([]);
    const sectionAt = (line: unknown, column: unknown, map: unknown = part): object => ({
      sections: [{ offset: { line, column }, map }],
    });
    for (const map of [
      { version: 2, ...sectionAt(0, 0) },
      { ...part, mappings: 'AA@A' },
      // The library would allocate a thousand million lines.
      sectionAt(1e9, 0),
      sectionAt(-1, 0),
      sectionAt(0, -1),
      sectionAt(0.5, 0),
      sectionAt(0, '0'),
      sectionAt(0, 0, { sections: [] }),
      sectionAt(0, 0, { version: 3, sections: [] }),
      sectionAt(0, 0, JSON.stringify(part)),
      sectionAt(0, 0, { ...part, version: 2 }),
      { sections: [{}] },
      { sections: 7 },
    ]) {
      assert.throws(() => scriptOf(map), Error, JSON.stringify(map));
    }
    scriptOf(sectionAt(0, 0));
  });
});
