/**
 * For the other packages of this repository, which are released together with this one. No promise
 * holds for anybody else. Loads only what `require('rulescope')` needs: the main entry loads the
 * estimator too.
 */
export { InvalidOptionError, toError } from './base/errors';
export { OffByConfig, isSdkDisabled } from './base/OffByConfig';
export { safeLogger } from './base/logger';
export { checkCollectorOptions, sharedCollector } from './thread/sharedCollector';
export { type WorkerSampling, sampleWorker } from './recording/sampleWorker';
export { samplerSupport } from './thread/threadSampler';
export { type ThreadSetup, threadSetup } from './thread/threadSetup';
export { isFlagRaised, raiseFlag, warnOnce } from './slot/warnOnce';
export {
  type SharedLabel,
  sharedLabelIn,
  withSharedLabel,
  withoutSharedLabel,
} from './model/sharedLabel';
export { labelStorage } from './thread/threadLabels';
export type { LabelContext, LabelStorage } from './labels/LabelStorage';
export { perThread, slotKey } from './slot/threadSlot';
export type { SlotKey } from './slot/threadSlot';
export { boundedString, isBounded } from './base/boundedString';
export { scriptPath } from './base/scriptPath';
export { type Steps, Pace, allAtOnce } from './base/steps';
export { atMost } from './base/atMost';
export { type Moment, jumpMillis } from './base/Moment';
export { inTurns } from './base/inTurns';
export { timers } from './base/timers';
export {
  boolean,
  functionOption,
  integerInRange,
  knownKeys,
  nonEmptyString,
  oneOf,
} from './base/validate';
