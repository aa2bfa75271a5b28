export type {
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  ProfileFunction,
  Sample,
  ValueType,
} from './Profile';
export type { Numeric } from './integers';
export { filterByLabels, type LabelFilter, type LabelValue } from './filterByLabels';
export { mergeProfiles } from './mergeProfiles';
export { ProfileSum } from './ProfileSum';
export { toPprof } from './toPprof';
