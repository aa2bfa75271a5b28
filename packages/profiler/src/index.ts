export { sharedCollector, sharedLabels, samplerSupport, runWithLabels, getLabels } from './shared';
export type { SamplerSupport } from './shared';
export type { Fairness } from './sampler/FairStart';
export type { SliceState } from '@rulescope/fair-sampling';

export type { ProfileCollector } from './collector/ProfileCollector';
export type { CollectorOptions } from './collector/options';
export type { Consumer, ConsumerOptions, Delivery, WindowCallback } from './collector/Consumer';
export type { Span } from './collector/Span';

export type {
  IncompleteReason,
  ProfileWindow,
  WindowCpu,
  WindowOrigin,
} from './window/ProfileWindow';
export { mergeWindows } from './window/mergeWindows';
export type { CallNode, SampleRecord } from './window/CallNode';

export { attributeCpu } from './attribution/attributeCpu';
export type { CpuAttribution, CpuShare, LabelCpuShare } from './attribution/attributeCpu';

export { diff } from './report/diff';
export { filterByLabels } from './report/filterByLabels';
export { fold, type FoldOptions } from './report/fold';
export { formatTop, type FormatTopOptions } from './report/formatTop';
export type { LabelFilter, LabelValue } from './report/labelFilter';
export { mapSources, type SourceLookup, type SourcePosition } from './report/mapSources';
export { mergeProfiles } from './report/mergeProfiles';
export { sourceMapLookup } from './report/sourceMapLookup';
export type {
  SourceMapCounts,
  SourceMapLookup,
  SourceMapLookupOptions,
} from './report/sourceMapLookup';
export { top, type Top, type TopEntry, type TopOptions } from './report/top';
export { topByLabel } from './report/topByLabel';
export { heapSupport, openHeap } from './heap/shared';
export type { HeapReader, HeapSupport } from './heap/HeapReader';
export type { HeapOptions } from './heap/options';
export { heap } from './dropin/heap';
export type { Heap } from './dropin/heap';

export { sampleWorker } from './workers/sampleWorker';
export type { WorkerSampling } from './workers/sampleWorker';
export { WorkerLostError } from './workers/lostWindow';
export { carryLabels, withCarriedLabels } from './workers/carryLabels';
export type { LabelCarrying } from './workers/carryLabels';

export type { LabelSet } from './labels/LabelSet';
export type { LabelCell } from './labels/LabelCell';
export type { Carrier, LabelStorage } from './labels/LabelStorage';

export { time } from './dropin/time';
export type { Time } from './dropin/time';
export type { TimeMetrics, TimeState } from './dropin/TimeDropIn';
export type { TimeProfilerOptions } from './dropin/timeOptions';
export { routeDatadogPprof } from './dropin/routeDatadogPprof';
export { startLineProfile } from './lines/startLineProfile';
export type { LineProfileOptions, LineProfileRun } from './lines/startLineProfile';
export { createPprofHandler } from './http/createPprofHandler';
export type { PprofHandler } from './http/assembleHandler';
export type { PprofHandlerOptions } from './http/options';
export type { Authorize } from './http/Gate';

export type { Logger } from './logger';
export { InvalidOptionError, SamplerUnavailableError } from './errors';
