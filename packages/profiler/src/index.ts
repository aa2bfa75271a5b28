export { sharedCollector } from './thread/sharedCollector';
export { samplerSupport } from './thread/threadSampler';
export type { SamplerSupport } from './thread/threadSampler';
export type { Fairness } from './sampler/FairStart';
export type { SliceState } from '@rulescope/fair-sampling';

export { getLabels, runWithLabels } from './thread/threadLabels';
export type { LabelSet, LabelShare, SampleLabels } from './model/LabelSet';

export { sampleWorker } from './recording/sampleWorker';
export type { WorkerSampling } from './recording/sampleWorker';
export { carryLabels, withCarriedLabels } from './thread/carryLabels';
export type { LabelCarrying } from './thread/carryLabels';

export type { ProfileCollector, WindowStream } from './collector/ProfileCollector';
export type { CollectorOptions, ResolvedCollectorOptions } from './collector/options';
export type { Consumer, ConsumerOptions, Delivery, WindowCallback } from './collector/Consumer';
export type { ProfileSpan } from './collector/ProfileSpan';

export type {
  IncompleteReason,
  ProfileWindow,
  WindowCpu,
  WindowOrigin,
} from './model/ProfileWindow';
export type { WindowError } from './model/WindowError';
export type { CallNode, SampleRecord } from './model/CallNode';
export { mergeWindows } from './model/mergeWindows';

export { attributeCpu } from './attribution/attributeCpu';
export type { CpuAttribution, CpuShare, LabelCpuShare } from './attribution/attributeCpu';
export type { LabelValueOf } from './attribution/countHits';

export type { Logger } from './base/logger';
export { InvalidOptionError, SamplerUnavailableError } from './base/errors';
