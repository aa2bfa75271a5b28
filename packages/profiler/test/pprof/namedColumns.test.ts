import assert from 'node:assert/strict';
import fc from 'fast-check';
import { namedColumns } from '../../src/pprof/namedColumns';
import { encodeMappings } from '../support/sourceMaps';

describe('namedColumns', () => {
  it('finds the mappings that have a name, in each line', () => {
    const segment = fc.record({
      line: fc.nat(3),
      column: fc.nat(100_000),
      originalLine: fc.nat(1_000),
      originalColumn: fc.nat(100),
      name: fc.option(fc.nat(50), { nil: undefined }),
    });
    const segments = fc
      .uniqueArray(segment, { selector: ({ line, column }) => `${line}:${column}` })
      .map((all) => all.sort((a, b) => a.line - b.line || a.column - b.column));
    fc.assert(
      fc.property(segments, (all) => {
        const mappings = encodeMappings(
          all.map(({ name, ...rest }) => (name === undefined ? rest : { ...rest, name })),
        );
        const hasName = namedColumns(mappings);
        for (const { line, column, name } of all) {
          assert.equal(hasName(line, column), name !== undefined);
        }
        assert.ok(!hasName(9, 0));
      }),
    );
  });
});
