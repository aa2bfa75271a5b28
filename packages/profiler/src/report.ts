export { diff } from './report/diff';
export type { InlineMark } from './report/InlinedCalls';
export { fold, type FoldOptions } from './report/fold';
export { formatTop, type FormatTopOptions } from './report/formatTop';
export { mapSources, type SourceLookup, type SourcePosition } from './report/mapSources';
export {
  sourceMapLookup,
  type SourceMapCounts,
  type SourceMapLookup,
  type SourceMapLookupOptions,
} from './report/sourceMapLookup';
export { top, type Granularity, type Top, type TopEntry, type TopOptions } from './report/top';
export { topByLabel } from './report/topByLabel';
