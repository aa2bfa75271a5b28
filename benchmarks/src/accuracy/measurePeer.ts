import { setTimeout as sleep } from 'node:timers/promises';
import { createSubject } from '../subjects';
import { Truth } from './Truth';
import type { AccuracyCell } from './cases';
import type { Figure, WindowResult } from './results';
import { startCell } from './startCell';

/** dd-trace has this interval and no option to change it. */
const SAMPLING_INTERVAL_MICROS = 10_101;

/**
 * Runs `cell` under the peer `name`. The figure of a rule is the sum of its CPU in the profiles
 * that the peer would upload.
 */
export async function measurePeer(
  cell: AccuracyCell,
  name: string,
  seconds: number,
  cpu: number | undefined,
): Promise<WindowResult> {
  const peer = createSubject(name);
  const truth = new Truth();
  await peer.start(SAMPLING_INTERVAL_MICROS);
  const withRule = <R>(id: string, fn: () => R): R => peer.withRule(id, fn);
  const stop = await startCell(cell, { withRule, truth, cpu, seconds });
  await sleep(seconds * 1000);
  stop();
  const figures: Record<string, Figure> = {};
  for (const { labels, cpuNanos, hits } of await peer.stop()) {
    const rule = labels['rule'];
    if (rule === undefined) continue;
    const before = figures[rule] ?? { cpuSeconds: 0, hits: 0 };
    figures[rule] = { cpuSeconds: before.cpuSeconds + cpuNanos / 1e9, hits: before.hits + hits };
  }
  return { truth: truth.take(), figures };
}
