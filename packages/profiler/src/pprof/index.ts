export type { Profile } from 'pprof-format';
export { filterByLabels, type LabelFilter, type LabelValue } from './filterByLabels';
export { mergeProfiles } from './mergeProfiles';
export { toPprof } from './toPprof';
