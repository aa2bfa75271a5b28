import { labelStorage } from '@rulescope/profiler/internal';

/** The rule on the label of the running flow: what a sample taken now would carry. */
export function currentRule(): string | undefined {
  return labelStorage().currentLabelContext()?.labels?.['rule'];
}
