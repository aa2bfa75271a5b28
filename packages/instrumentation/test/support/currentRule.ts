import { sharedLabels } from '@rulescope/profiler';

/** The rule on the label of the running flow: what a sample taken now would carry. */
export function currentRule(): string | undefined {
  return sharedLabels().currentLabelContext()?.labels?.['rule'];
}
