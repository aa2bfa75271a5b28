import assert from 'node:assert/strict';
import * as report from '../src/report';
import { profileOf } from './support/profiles';

describe('the subpath report', () => {
  it('exports the reports and source maps, and nothing else', () => {
    const names = ['diff', 'fold', 'formatTop', 'mapSources', 'sourceMapLookup', 'top'];
    assert.deepEqual(Object.keys(report).sort(), [...names, 'topByLabel']);
  });

  it('exports the types that a user needs to name', () => {
    const profile = profileOf({ samples: [{ stack: ['f'], values: [1] }] });
    const granularity: report.Granularity = 'lines';
    const topOptions: report.TopOptions = { granularity };
    const formatOptions: report.FormatTopOptions = { unit: 'ns' };
    const foldOptions: report.FoldOptions = { rootLabel: 'rule' };
    const lookupOptions: report.SourceMapLookupOptions = { maxCacheBytes: 1 };
    const lookup: report.SourceMapLookup = report.sourceMapLookup(lookupOptions);
    const counts: report.SourceMapCounts = lookup.counts;
    const position: report.SourcePosition = { file: '/x.ts', line: 1 };
    const anywhere: report.SourceLookup = () => position;
    const found: report.Top = report.top(report.mapSources(profile, anywhere), topOptions);
    const [entry]: readonly report.TopEntry[] = found.entries;
    assert.equal(entry?.flat, 1n);
    assert.match(report.formatTop(found, formatOptions), / f$/m);
    assert.equal(report.fold(profile, foldOptions), 'f 1\n');
    assert.equal(counts.mapped, 0);
  });
});
