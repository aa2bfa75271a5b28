export { toPprof } from './toPprof';
export { mergeProfiles } from './mergeProfiles';
export { filterByLabels } from './filterByLabels';
export type { LabelFilter, LabelValue } from './labelFilter';
export type { Profile } from 'pprof-format';
