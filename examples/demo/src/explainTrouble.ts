import type { SamplerSupport } from '@rulescope/profiler';

/** Returns what makes samples unfair and what to do about it; `undefined` if nothing does. */
export function explainTrouble({ fairness }: SamplerSupport): string | undefined {
  if (fairness?.fair === false) {
    return (
      `Samples are not fair: ${fairness.reason?.message ?? 'fairSampling is off'}. ` +
      'Rules with short bursts of work may get too much or too little of the CPU. ' +
      'See “Fair sampling” in README.md.'
    );
  }
  if (fairness?.slice === 'ignored') {
    return (
      'Samples are fair, but on a busy processor short bursts get too little of the CPU: ' +
      'this system has no short time slices. Linux 6.12 and later have them.'
    );
  }
  if (fairness?.slice === 'refused') {
    return (
      'Samples are fair, but on a busy processor short bursts get too little of the CPU: ' +
      `${fairness.reason?.message}. Allow sched_getattr, sched_setattr, prctl and reading /proc/self.`
    );
  }
  return undefined;
}
