export { top, type Top, type TopEntry, type TopOptions } from './top';
export { topByLabel } from './topByLabel';
export { diff } from './diff';
export { fold, type FoldOptions } from './fold';
export { formatTop, type FormatTopOptions } from './formatTop';
export { mapSources, type SourceLookup, type SourcePosition } from './mapSources';
export { sourceMapLookup } from './sourceMapLookup';
export type { SourceMapCounts, SourceMapLookup, SourceMapLookupOptions } from './sourceMapLookup';
