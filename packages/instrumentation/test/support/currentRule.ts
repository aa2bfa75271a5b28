import { labelStorage } from '@rulescope/profiler/internal';

/** Returns the rule in the label of the running flow, which a sample taken now would have. */
export function currentRule(): string | undefined {
  return labelStorage().currentLabelContext()?.labels?.['rule'];
}
