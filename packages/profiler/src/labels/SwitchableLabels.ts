import type { LabelStorage } from './LabelStorage';

/** A label storage as its collector sees it. */
export interface SwitchableLabels extends LabelStorage {
  /** Calls `fn` without labels, and as part of what `owner` does. Returns or throws as `fn` does. */
  runOwned<R>(owner: object, fn: () => R): R;
  /** The `owner` of the running flow, whatever carriers were entered since. */
  currentOwner(): object | undefined;
  /** Sampling has started: from now on the sampler must know the current labels. */
  samplingStarted(): void;
  /** A recording was closed: cells handed to the sampler so far belong to it. */
  recordingClosed(): void;
  /** Sampling has stopped. */
  samplingStopped(): void;
}
