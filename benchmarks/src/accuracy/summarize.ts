import { attributeCpu } from '@rulescope/profiler';
import { sum } from '../statistics';
import type { MeasuredWindow } from './measure';
import type { WindowResult } from './results';

/** Reduces a window to the figures that the report needs. */
export function summarize(measured: MeasuredWindow): WindowResult {
  const { window, truth, scheduler, processSeconds } = measured;
  const { labels, unlabeled, gc, runtime, otherThreads } = attributeCpu(window, 'rule');
  const figures = Object.fromEntries(
    [...labels].map(([rule, { cpuSeconds, hits, standardErrorSeconds }]) => [
      rule,
      { cpuSeconds, hits, standardErrorSeconds },
    ]),
  );
  return {
    truth,
    figures,
    details: {
      processSeconds,
      ledger: {
        rules: sum([...labels.values()].map(({ cpuSeconds }) => cpuSeconds)),
        unlabeled: unlabeled.cpuSeconds,
        gc: gc.cpuSeconds,
        runtime: runtime.cpuSeconds,
        otherThreads: otherThreads.cpuSeconds,
      },
      kernelCpuSeconds: scheduler.cpuNanos / 1e9,
      kernelWaitSeconds: scheduler.waitNanos / 1e9,
      complete: window.complete,
      fair: window.fair,
      contended: window.contended,
      quality: window.quality,
    },
  };
}
