export { FairSamplingUnavailableError } from './loadAddon';
export { loadFairSampling } from './loadFairSampling';
export type { FairSampling, SliceState } from './fairSampling';
