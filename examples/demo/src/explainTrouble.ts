import type { SamplerSupport } from '@rulescope/profiler';

/** Returns what keeps samples from being fair and what to do about it; `undefined` if they are. */
export function explainTrouble({ fairness }: SamplerSupport): string | undefined {
  if (fairness?.fair === false) {
    return (
      `Samples are not fair: ${fairness.reason?.message ?? 'fairSampling is off'}. ` +
      'Rules with short bursts of work may get too much or too little of the CPU. ' +
      'What to do: “Fair sampling” in README.md.'
    );
  }
  if (fairness?.slice === 'ignored') {
    return (
      'Samples are fair, but on a busy processor short bursts get too little of the CPU: ' +
      'this system has no short time slices. Linux has them from 6.12 on.'
    );
  }
  if (fairness?.slice === 'refused') {
    return (
      'Samples are fair, but on a busy processor short bursts get too little of the CPU: ' +
      `${fairness.reason?.message}. Allow sched_setattr, prctl and reading /proc.`
    );
  }
  return undefined;
}
