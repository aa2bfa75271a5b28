import type { LabelStorage } from './LabelStorage';

/** A label storage as its collector sees it. */
export interface SwitchableLabels extends LabelStorage {
  /** Sampling has started: from now on the sampler must know the current labels. */
  samplingStarted(): void;
  /** A recording was closed: cells handed to the sampler so far belong to it. */
  recordingClosed(): void;
  /** Sampling has stopped. */
  samplingStopped(): void;
}
