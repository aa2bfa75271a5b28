export { diff } from './diff';
export type { InlineMark } from './InlinedCalls';
export { fold, type FoldOptions } from './fold';
export { formatTop, type FormatTopOptions } from './formatTop';
export { mapSources, type SourceLookup, type SourcePosition } from './mapSources';
export {
  sourceMapLookup,
  type SourceMapCounts,
  type SourceMapLookup,
  type SourceMapLookupOptions,
} from './sourceMapLookup';
export { top, type Granularity, type Top, type TopEntry, type TopOptions } from './top';
export { topByLabel } from './topByLabel';
