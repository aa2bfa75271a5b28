export type {
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  ProfileFunction,
  Sample,
  ValueType,
} from './pprof/Profile';
export type { Numeric } from './pprof/integers';
export { filterByLabels, type LabelFilter, type LabelValue } from './pprof/filterByLabels';
export { mergeProfiles } from './pprof/mergeProfiles';
export { ProfileSum } from './pprof/ProfileSum';
export { toPprof } from './pprof/toPprof';
export { encodeInTurns, toPprofInTurns } from './pprof/toPprofInTurns';
