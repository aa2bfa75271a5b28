import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CallNode, ProfileWindow } from '@rulescope/profiler';
import type { MeasuredWindow } from './measure';

/** Microseconds since the window began, CPU since the previous sample, activity, rule. */
type RawSample = readonly [number, number | null, string, string | null];

const ACTIVITIES = new Map<string | undefined, string>([
  ['(idle)', 'idle'],
  ['(garbage collector)', 'gc'],
  ['(program)', 'runtime'],
  ['(root)', 'runtime'],
]);

/**
 * Writes `<run name>.jsonl` into `folder`. Each window is one line with all samples and the truth.
 * Use it to try out estimators.
 */
export function writeRaw(
  folder: string,
  cell: string,
  side: string,
  windows: readonly MeasuredWindow[],
): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${`${cell} ${side}`.replace(/[^a-z0-9.]+/gi, '-')}.jsonl`);
  rmSync(file, { force: true });
  for (const measured of windows) {
    appendFileSync(file, `${JSON.stringify({ cell, side, ...rawWindow(measured) })}\n`);
  }
}

function rawWindow({ window, truth, scheduler, processSeconds }: MeasuredWindow): object {
  return {
    threadSeconds: window.cpu.threadSeconds,
    wallSeconds: window.durationMillis / 1000,
    processSeconds,
    samplingIntervalMicros: window.samplingIntervalMicros,
    schedstat: {
      cpuSeconds: scheduler.cpuNanos / 1e9,
      waitSeconds: scheduler.waitNanos / 1e9,
      timeslices: scheduler.timeslices,
    },
    samplesTaken: window.samples.taken,
    complete: window.complete,
    truth,
    samples: samplesOf(window),
  };
}

function samplesOf({ root, startTime }: ProfileWindow): RawSample[] {
  const startMicros = Math.round(startTime * 1000);
  return root === undefined ? [] : samplesBelow(root, startMicros).sort((a, b) => a[0] - b[0]);
}

function samplesBelow(node: CallNode, startMicros: number): RawSample[] {
  // V8's own nodes belong to no script.
  const activity = (node.scriptName === '' && ACTIVITIES.get(node.name)) || 'javascript';
  const own = (node.contexts ?? []).map(({ timestamp, cpuTime = null, context }): RawSample => {
    const micros = Number(timestamp) - startMicros;
    return [micros, cpuTime, activity, context?.labels?.['rule'] ?? null];
  });
  return [...own, ...node.children.flatMap((child) => samplesBelow(child, startMicros))];
}
