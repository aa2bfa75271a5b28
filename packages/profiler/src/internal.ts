/** For the other packages of this repository. Not for users: any release may change it. */
export { boolean, knownKeys } from './base/validate';
export { sharedLabels } from './thread/sharedCollector';
export type { LabelContext, LabelStorage } from './labels/LabelStorage';
export { perThread } from './slot/threadSlot';
