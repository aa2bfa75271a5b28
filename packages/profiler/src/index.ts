export {
  sharedCollector,
  sharedLabels,
  samplerSupport,
  runWithLabels,
  getLabels,
} from './thread/sharedCollector';
export type { SamplerSupport } from './thread/sharedCollector';
export type { Fairness } from './sampler/FairStart';
export type { SliceState } from '@rulescope/fair-sampling';

export type { ProfileCollector } from './collector/ProfileCollector';
export type { CollectorOptions } from './collector/options';
export type { Consumer, ConsumerOptions, Delivery, WindowCallback } from './collector/Consumer';
export type { ProfileSpan } from './collector/ProfileSpan';

export type {
  IncompleteReason,
  ProfileWindow,
  WindowCpu,
  WindowOrigin,
} from './model/ProfileWindow';
export { mergeWindows } from './model/mergeWindows';
export type { CallNode, SampleRecord } from './model/CallNode';

export { attributeCpu } from './attribution/attributeCpu';
export type { CpuAttribution, CpuShare, LabelCpuShare } from './attribution/attributeCpu';

export { diff } from './report/diff';
export { filterByLabels } from './pprof/filterByLabels';
export { fold, type FoldOptions } from './report/fold';
export { formatTop, type FormatTopOptions } from './report/formatTop';
export type { LabelFilter, LabelValue } from './pprof/labelFilter';
export { mapSources, type SourceLookup, type SourcePosition } from './report/mapSources';
export { mergeProfiles } from './pprof/mergeProfiles';
export { sourceMapLookup } from './report/sourceMapLookup';
export type {
  SourceMapCounts,
  SourceMapLookup,
  SourceMapLookupOptions,
} from './report/sourceMapLookup';
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
export { top, type Top, type TopEntry, type TopOptions } from './report/top';
export { topByLabel } from './report/topByLabel';
export { heapSupport, openHeap } from './heap/openHeap';
export type { HeapReader, HeapSupport } from './heap/HeapReader';
export type { HeapOptions } from './heap/options';
export { heap } from './datadog/heap';
export type { Heap } from './datadog/heap';
export type { Profile as DatadogProfile } from 'pprof-format';
export type { GenerateLabels as GenerateHeapLabels } from './datadog/DatadogHeap';
export type {
  AllocationEntry,
  AllocationNode,
  HeapNode,
  LiveEntry,
  LiveNode,
} from './model/HeapNode';

export { sampleWorker } from './thread/sampleWorker';
export type { WorkerSampling } from './thread/sampleWorker';
export { WorkerLostError } from './workers/lostWindow';
export { carryLabels, withCarriedLabels } from './thread/carryLabels';
export type { LabelCarrying } from './thread/carryLabels';

export type { LabelSet } from './model/LabelSet';
export type { LabelCell } from './model/LabelSet';
export type { LabelContext, LabelStorage } from './labels/LabelStorage';

export { time } from './datadog/time';
export type { Time } from './datadog/time';
export type { TimeMetrics, TimeState } from './datadog/DatadogTime';
export type { TimeProfilerOptions } from './datadog/timeOptions';
export type {
  ColumnNumbers,
  GenerateLabels,
  SourceMapper,
  TimeProfileNode,
} from './native/loadNative';
export { routeDatadogPprof } from './datadog/routeDatadogPprof';
export { startLineProfile } from './lines/startLineProfile';
export type { LineProfileOptions, LineProfileRun } from './lines/startLineProfile';
export { createPprofHandler } from './http/createPprofHandler';
export type { PprofHandler } from './http/assembleHandler';
export type { PprofHandlerOptions } from './http/options';
export type { Authorize } from './http/Gate';

export type { Logger } from './base/logger';
export { InvalidOptionError, SamplerUnavailableError } from './base/errors';
